package ablations

import "testing"

// FuzzParseShard checks that a shard that can be read is written and read back, and
// that it lies within its count.
func FuzzParseShard(f *testing.F) {
	for _, text := range []string{"1/4", "4/4", "0/1", "5/4", "+1/+2", "1/", "/", "9223372036854775807/9223372036854775807"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseShard(text)
		if err != nil {
			return
		}
		if s.Index < 1 || s.Index > s.Count {
			t.Errorf("%q is read as %+v", text, s)
		}
		if again, err := ParseShard(s.String()); err != nil || again != s {
			t.Errorf("%q is written as %s and read back as %+v, %v", text, s, again, err)
		}
	})
}

// FuzzShardFromEnvironment checks that variables of schedulers give a valid shard or an
// error that names the variable.
func FuzzShardFromEnvironment(f *testing.F) {
	f.Add("3", "1", "9", "5", "2", "", "")
	f.Add("", "", "", "", "", "2", "4")
	f.Add("-9223372036854775808", "9223372036854775807", "1", "1", "-1", "x", "0")
	f.Fuzz(func(t *testing.T, task, first, last, count, step, index, completions string) {
		values := map[string]string{slurmTask: task, slurmMin: first, slurmMax: last, slurmCount: count, slurmStep: step,
			kubernetesIndex: index, kubernetesCount: completions}
		s, from, err := ShardFromEnvironment(func(name string) string { return values[name] })
		switch {
		case err != nil && from == "":
			t.Errorf("%v does not say which variable it is from", err)
		case err == nil && from != "" && (s.Index < 1 || s.Index > s.Count):
			t.Errorf("$%s gives %+v", from, s)
		case err == nil && from == "" && s != Shard{}:
			t.Errorf("without a variable the shard is %+v", s)
		}
	})
}

package ablations

import (
	"slices"
	"strings"
	"testing"
)

// TestShards checks that each run of a plan is in exactly one shard.
func TestShards(t *testing.T) {
	s, err := Lookup("components")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := s.Plan(digits(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	var all, parts []string
	for _, j := range plan.Jobs(Shard{}) {
		all = append(all, j.Config.ID())
	}
	if len(all) != 18 {
		t.Fatalf("%d runs", len(all))
	}
	for i := range 4 {
		for _, j := range plan.Jobs(Shard{i + 1, 4}) {
			parts = append(parts, j.Config.ID())
		}
	}
	slices.Sort(all)
	slices.Sort(parts)
	if !slices.Equal(all, parts) || len(slices.Compact(all)) != 18 {
		t.Errorf("the shards have %v, the plan %v", parts, all)
	}
	if file := (Shard{2, 4}).file(); file != "results-2-of-4.jsonl" {
		t.Errorf("file %s", file)
	}
}

func TestParseShard(t *testing.T) {
	if got, err := ParseShard("2/4"); err != nil || got != (Shard{2, 4}) || got.String() != "2/4" {
		t.Errorf("%+v, %v", got, err)
	}
	for text, want := range map[string]string{
		"0/2": "from 1 to the count", "3/2": "from 1 to the count", "1/0": "from 1", "-1/2": "from 1",
		"1": "INDEX/COUNT", "a/2": "INDEX/COUNT", "1/2/3": "INDEX/COUNT", "1/": "INDEX/COUNT", "/": "INDEX/COUNT",
	} {
		if _, err := ParseShard(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestShardFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		environment string
		want        Shard
		from, err   string
	}{
		{"", Shard{}, "", ""},
		{"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_STEP=1", Shard{3, 8}, slurmTask, ""},
		{"SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_COUNT=2", Shard{1, 2}, slurmTask, ""},
		{"SLURM_ARRAY_TASK_ID=14 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_MAX=16 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_STEP=2", Shard{3, 4}, slurmTask, ""},
		{"JOB_COMPLETION_INDEX=0 JOB_COMPLETIONS=5", Shard{1, 5}, kubernetesIndex, ""},
		{"JOB_COMPLETION_INDEX=4 JOB_COMPLETIONS=5", Shard{5, 5}, kubernetesIndex, ""},
		{"SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=8", Shard{}, slurmTask, `$SLURM_ARRAY_TASK_ID is "x"`},
		{"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=8", Shard{}, slurmTask, "$SLURM_ARRAY_TASK_MIN is not: set it"},
		{"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1", Shard{}, slurmTask, "$SLURM_ARRAY_TASK_COUNT is not: set it"},
		{"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=8", Shard{}, slurmTask, "shard 9/8"},
		{"SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=3", Shard{}, slurmTask, "gaps"},
		{"SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_STEP=0", Shard{}, slurmTask, "gaps"},
		{"JOB_COMPLETION_INDEX=1", Shard{}, kubernetesIndex, "$JOB_COMPLETIONS is not: set it"},
		{"JOB_COMPLETION_INDEX=5 JOB_COMPLETIONS=5", Shard{}, kubernetesIndex, "shard 6/5"},
		{"JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=many", Shard{}, kubernetesIndex, `$JOB_COMPLETIONS is "many"`},
	} {
		environment := make(map[string]string)
		for _, field := range strings.Fields(c.environment) {
			name, value, _ := strings.Cut(field, "=")
			environment[name] = value
		}
		got, from, err := ShardFromEnvironment(func(name string) string { return environment[name] })
		if from != c.from || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: from %q, error %v, want %q", c.environment, from, err, c.err)
		}
		if err == nil && got != c.want {
			t.Errorf("%s: shard %+v, want %+v", c.environment, got, c.want)
		}
	}
}

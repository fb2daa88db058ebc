package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reciprocalnorm/rn/experiments/bench"
	"github.com/reciprocalnorm/rn/experiments/network/backbone"
	"github.com/reciprocalnorm/rn/experiments/xla/platform"
)

// TestBenchWrongUse checks that wrong use exits with code 2 and explains itself in
// one line on stderr.
func TestBenchWrongUse(t *testing.T) {
	for args, want := range map[string]string{
		"bench --backbone vgg":                       `unknown backbone "vgg": want one of resnet18, resnet34, resnet50, resnet101, resnet152, or digits`,
		"bench --norms layer":                        `unknown norm "layer"`,
		"bench --steps 0":                            "--steps 0",
		"bench --activations half":                   `unknown activations "half": want one of float32, bfloat16`,
		"bench --photos . --paired":                  "only one of --photos and --paired",
		"bench --backbone digits --photos .":         "photographs for digits",
		"bench --size 16":                            "images of 16×16 for resnet50",
		"bench --per-domain 1":                       "1 images per domain",
		"bench --backbone digits,resnet18 --size 28": "images of 28×28 for resnet18",
		"bench extra":                                `"extra"`,
		"bench serve":                                "bench serve needs one argument, a case; got 0",
		"bench serve {":                              "case \"{\"",
		"bench growth --steps 0":                     "--steps 0",
		"bench growth --channels 66":                 "66 channels",
		"bench growth --channels 128,64":             "increasing order",
		"bench growth --domains 1,2":                 "1 domains",
		"bench peer --nets resnet18":                 "such as resnet50:4",
		"bench peer --nets digits:4":                 "want a ResNet",
		"bench peer --runs 0":                        "--runs 0",
		"bench peer --steps 0":                       "--steps 0: want at least 1",
	} {
		code, stdout, stderr := call(strings.Fields(args)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("rn %s: exit code %d, stdout %q, stderr %q, want code 2 and %q", args, code, stdout, stderr, want)
		}
	}
	if code, _, stderr := call("bench", "peer", "--script", "no-such-file.py"); code != exitFailed || !strings.Contains(stderr, "no-such-file.py") {
		t.Errorf("without the script: exit code %d, stderr %q", code, stderr)
	}
}

// needXLA skips the test without XLA.
func needXLA(t *testing.T) {
	t.Helper()
	backend, err := platform.New("xla:cpu")
	if err != nil {
		t.Skipf("needs XLA: %v", err)
	}
	backend.Finalize()
}

// TestBench checks the line of JSON of each norm, measured in processes of their own.
func TestBench(t *testing.T) {
	needXLA(t)
	out, err := process(context.Background(), strings.Fields("bench --backbone digits --norms bn,rn --per-domain 4 --size 16 --steps 2 --inference --activations bfloat16 --json --backend xla:cpu")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 {
		t.Fatalf("printed %s", out)
	}
	for i, norm := range []string{"bn", "rn"} {
		var r bench.Result
		if err := json.Unmarshal([]byte(lines[i]), &r); err != nil {
			t.Fatal(err)
		}
		if r.Net != "digits" || r.Norm != norm || r.Images != 8 || r.Size != 16 || !r.Inference || r.Activations != backbone.BFloat16 || !r.Paired || r.StepSecondsMedian <= 0 || r.PeakRSSMiB <= 0 || r.ToBN == nil {
			t.Errorf("line %s", lines[i])
		}
	}
}

// TestBenchGrowth checks the line of each layer, the verdict and the figures.
func TestBenchGrowth(t *testing.T) {
	needXLA(t)
	dir := filepath.Join(t.TempDir(), "pictures")
	cmd := process(context.Background(), strings.Fields("bench growth --channels 512,1024 --domains 2,3 --at 1024 --per-domain 1 --steps 1 --json --backend xla:cpu --out")...)
	cmd.Args = append(cmd.Args, dir)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	var got [][2]int
	for line := range strings.Lines(string(out)) {
		var g bench.Growth
		if err := json.Unmarshal([]byte(line), &g); err != nil {
			t.Fatal(err)
		}
		got = append(got, [2]int{g.Channels, g.Domains})
	}
	if len(got) != 3 || got[0] != [2]int{512, 2} || got[1] != [2]int{1024, 2} || got[2] != [2]int{1024, 3} {
		t.Errorf("layers %v", got)
	}
	for _, k := range []string{"2", "3"} {
		if !strings.Contains(said.String(), k+" domains: at up to 2048 channels the correlation costs ") {
			t.Errorf("no verdict on %s domains: %s", k, said.String())
		}
	}
	for _, name := range []string{"growth-channels", "growth-domains", "growth-channels-memory", "growth-domains-memory"} {
		for _, ext := range []string{".svg", ".png"} {
			if info, err := os.Stat(filepath.Join(dir, name+ext)); err != nil || info.Size() == 0 {
				t.Errorf("picture %s%s: %v", name, ext, err)
			}
		}
	}
}

// TestBenchTables checks the tables for people.
func TestBenchTables(t *testing.T) {
	var text strings.Builder
	wait := 0.025
	results := []bench.Result{
		{Net: "resnet18", Norm: "bn", Images: 16, Size: 224, StepSecondsMin: 1, StepSecondsMedian: 2, ImagesPerSecond: 8, CompileSeconds: 10, PeakRSSMiB: 1000, ToBN: &bench.Ratios{Step: 1, Compile: 1, PeakRSS: 1}},
		{Net: "resnet18", Norm: "rn", Images: 16, Size: 224, StepSecondsMin: 1.5, StepSecondsMedian: 2.5, ImagesPerSecond: 6.4, CompileSeconds: 12, PeakRSSMiB: 1100, DataWaitShare: &wait},
		{Net: "resnet18", Activations: backbone.BFloat16, Norm: "rn"},
	}
	if err := writeBench(&text, results); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	if got := strings.Join(strings.Fields(lines[1]), " "); got != "resnet18 bn 16 224 1.0000 2.0000 8.0 10.0 1000 0 1.000 1.000 1.000 –" {
		t.Errorf("line %q", got)
	}
	if got := strings.Join(strings.Fields(lines[2]), " "); !strings.HasSuffix(got, " 1100 0 – – – 2.5 %") {
		t.Errorf("line %q", got)
	}
	if !strings.HasPrefix(lines[3], "resnet18 bfloat16  rn ") {
		t.Errorf("line %q", lines[3])
	}
	text.Reset()
	if err := writePeer(&text, []bench.Comparison{{Net: "resnet50", Norm: "rn", Images: 8, Size: 224, Ours: 3, Peer: 2.5, ToPeer: 1.2, OursMiB: 3000, PeerMiB: 4000, MemoryToPeer: 0.75, ToBN: 1.1, CompileToBN: 1.3}}); err != nil {
		t.Fatal(err)
	}
	if want := "| resnet50, 4+4, 224 | rn | 3.000 | 2.500 | 1.20 | 3000 | 4000 | 0.75 | 1.10 | – | 1.30 |\n"; !strings.HasSuffix(text.String(), want) {
		t.Errorf("printed %s, want %s", text.String(), want)
	}
	text.Reset()
	sayCorrelation(&text, []bench.Growth{{Domains: 2, Channels: 256, CorrelationToConvolution: 0.5}, {Domains: 8, Channels: 2048, CorrelationToConvolution: 1.5}}, []int{2, 8})
	for _, want := range []string{"2 domains: at up to 2048 channels the correlation costs no more than", "8 domains: at up to 2048 channels the correlation costs MORE than"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("said %q, want %q", text.String(), want)
		}
	}
}

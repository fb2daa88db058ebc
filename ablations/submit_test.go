package ablations

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// job is a submission with arguments that a shell would split or expand.
func job() Submission {
	return Submission{Name: "rn-norms", Command: []string{"rn", "ablate", "norms", "--out=my results", "--root=it's $HOME", "--seeds=3"}, Shards: 4, CPUs: 2}
}

// TestSlurm runs the batch script as Slurm does and checks the arguments and the shard
// that the command receives.
func TestSlurm(t *testing.T) {
	s := job()
	dir := t.TempDir()
	s.Command[0] = filepath.Join(dir, "rn")
	s.Memory, s.GPUs, s.Time = "8G", 1, "2:00:00"
	if err := os.WriteFile(s.Command[0], []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	text, err := s.Slurm()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--array=1-4\n", "--mem=8G\n", "--gpus=1\n", "--time=2:00:00\n", "--cpus-per-task=2\n", "--job-name=rn-norms\n"} {
		if !strings.Contains(text, "#SBATCH "+want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	cmd := exec.Command("sh", "-eu")
	cmd.Stdin = strings.NewReader(text)
	cmd.Env = []string{"SLURM_ARRAY_TASK_ID=3", "HOME=/home/me"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, want := string(out), "ablate\nnorms\n--out=my results\n--root=it's $HOME\n--seeds=3\n--shard\n3/4\n"; got != want {
		t.Errorf("arguments:\n%swant:\n%s", got, want)
	}
}

func TestKubernetes(t *testing.T) {
	s := job()
	s.Image, s.Claim, s.Mount, s.Memory = "example.org/rn:1", "data", "/data", "8Gi"
	text, err := s.Kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: batch/v1
kind: Job
metadata:
  name: "rn-norms"
spec:
  completionMode: Indexed
  completions: 4
  parallelism: 4
  template:
    spec:
      restartPolicy: OnFailure
      terminationGracePeriodSeconds: 120
      containers:
        - name: rn
          image: "example.org/rn:1"
          command: ["rn","ablate","norms","--out=my results","--root=it's $HOME","--seeds=3"]
          env:
            - name: JOB_COMPLETIONS
              value: "4"
          resources:
            limits:
              cpu: 2
              memory: "8Gi"
          volumeMounts:
            - name: data
              mountPath: "/data"
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: "data"
`
	if text != want {
		t.Errorf("manifest:\n%s\nwant:\n%s", text, want)
	}
}

func TestSubmissionErrors(t *testing.T) {
	for want, edit := range map[string]func(*Submission){
		`job name "RN norms"`: func(s *Submission) { s.Name = "RN norms" },
		"at least one shard":  func(s *Submission) { s.Shards = 0 },
		"0 CPUs":              func(s *Submission) { s.CPUs = 0 },
		"container image":     func(s *Submission) { s.Image = "" },
		"volume claim":        func(s *Submission) { s.Claim = "" },
	} {
		s := job()
		s.Image, s.Claim, s.Mount = "image", "claim", "/mount"
		edit(&s)
		if _, err := s.Kubernetes(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

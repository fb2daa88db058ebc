package ablations

import (
	"encoding/json"
	"regexp"
	"strings"
	"text/template"

	"al.essio.dev/pkg/shellescape"

	"github.com/reciprocalnorm/rn/experiments/problems"
)

// Submission describes a job: one command, split into shards that a scheduler runs as
// a process each.
type Submission struct {
	// Name of the job: lower-case letters, digits and dashes.
	Name string
	// Command is the command with its arguments, without --shard.
	Command []string
	// Shards is the number of processes.
	Shards int
	// CPUs, Memory and GPUs limit each process. Memory is in the scheduler's notation
	// ("8G" for Slurm, "8Gi" for Kubernetes); empty for the scheduler's default.
	CPUs   int
	Memory string
	GPUs   int
	// Time limits each process, in Slurm's notation ("2:00:00"); empty for Slurm's
	// default. Slurm only.
	Time string
	// Image is the container image. Claim is the persistent volume claim, mounted at
	// Mount; the command's folders must be below it. Kubernetes only.
	Image, Claim, Mount string
}

// grace is the number of seconds that a process has to finish its step and save.
const grace = 120

// jobName matches the names that both schedulers accept.
var jobName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$`)

// check finds the problems that any scheduler would have with the job.
func (s Submission) check() (p problems.Problems) {
	p.Require(jobName.MatchString(s.Name), "job name %q: want lower-case letters, digits and dashes", s.Name)
	p.Require(s.Shards >= 1 && s.CPUs >= 1 && s.GPUs >= 0, "%d shards of %d CPUs and %d GPUs: want at least one shard and one CPU", s.Shards, s.CPUs, s.GPUs)
	return p
}

// slurm is an array job. It states the number of shards, so that a part of the array
// that is submitted again does the same runs. Slurm's signal lets a process finish its
// step and save; a requeued job continues from there.
var slurm = template.Must(template.New("slurm").Funcs(template.FuncMap{"shell": shellescape.QuoteCommand}).Parse(`#!/bin/sh
#SBATCH --job-name={{.Name}}
#SBATCH --array=1-{{.Shards}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.CPUs}}
{{- with .Memory}}
#SBATCH --mem={{.}}
{{- end}}
{{- with .GPUs}}
#SBATCH --gpus={{.}}
{{- end}}
{{- with .Time}}
#SBATCH --time={{.}}
{{- end}}
#SBATCH --signal=B:TERM@{{.Grace}}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={{.Name}}-%a.log

exec {{shell .Command}} --shard "$SLURM_ARRAY_TASK_ID/{{.Shards}}"
`))

// Slurm returns a batch script for sbatch.
func (s Submission) Slurm() (string, error) {
	p := s.check()
	if err := p.Err(); err != nil {
		return "", err
	}
	return s.fill(slurm)
}

// fill fills in a template.
func (s Submission) fill(t *template.Template) (string, error) {
	var out strings.Builder
	err := t.Execute(&out, struct {
		Submission
		Grace     int
		CountName string
	}{s, grace, kubernetesCount})
	return out.String(), err
}

// kubernetes is an indexed job, whose processes read their shard from the environment.
// Strings are quoted as JSON, which is valid YAML.
var kubernetes = template.Must(template.New("kubernetes").Funcs(template.FuncMap{"json": func(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}}).Parse(`apiVersion: batch/v1
kind: Job
metadata:
  name: {{json .Name}}
spec:
  completionMode: Indexed
  completions: {{.Shards}}
  parallelism: {{.Shards}}
  template:
    spec:
      restartPolicy: OnFailure
      terminationGracePeriodSeconds: {{.Grace}}
      containers:
        - name: rn
          image: {{json .Image}}
          command: {{json .Command}}
          env:
            - name: {{.CountName}}
              value: "{{.Shards}}"
          resources:
            limits:
              cpu: {{.CPUs}}
              {{- with .Memory}}
              memory: {{json .}}
              {{- end}}
              {{- with .GPUs}}
              nvidia.com/gpu: {{.}}
              {{- end}}
          volumeMounts:
            - name: data
              mountPath: {{json .Mount}}
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {{json .Claim}}
`))

// Kubernetes returns a manifest for kubectl.
func (s Submission) Kubernetes() (string, error) {
	p := s.check()
	p.Require(s.Image != "", "a Kubernetes job needs a container image that contains rn")
	p.Require(s.Claim != "" && s.Mount != "", "a Kubernetes job needs a volume claim and its mount point: files elsewhere are lost with the container")
	if err := p.Err(); err != nil {
		return "", err
	}
	return s.fill(kubernetes)
}

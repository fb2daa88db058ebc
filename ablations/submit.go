package ablations

import (
	"al.essio.dev/pkg/shellescape"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"
)

// Submission is a job file's content: one command in several shards, of which a
// scheduler starts one process each.
type Submission struct {
	// Name is the job's: lower-case letters, digits and dashes.
	Name string
	// Command is the command with its arguments, without a shard.
	Command []string
	// Shards is the number of processes.
	Shards int
	// CPUs, Memory and GPUs are what each may use; Memory is as the scheduler
	// writes it ("8G", "8Gi"), and empty for its default.
	CPUs   int
	Memory string
	GPUs   int
	// Time is the limit of each as Slurm writes it ("2:00:00"), empty for its
	// default. Slurm only.
	Time string
	// Image is the container image, Claim the persistent volume claim that is
	// mounted at Mount, which the command's folders must be below. Kubernetes only.
	Image, Claim, Mount string
}

// grace is the number of seconds that a process has to finish its step and save.
const grace = 120

// jobName is what both schedulers take.
var jobName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$`)

// check reports what no job can do without.
func (s Submission) check() error {
	var errs []error
	if !jobName.MatchString(s.Name) {
		errs = append(errs, fmt.Errorf("job name %q: want lower-case letters, digits and dashes", s.Name))
	}
	if s.Shards < 1 || s.CPUs < 1 || s.GPUs < 0 {
		errs = append(errs, fmt.Errorf("%d shards of %d CPUs and %d GPUs: want at least one shard and CPU", s.Shards, s.CPUs, s.GPUs))
	}
	return errors.Join(errs...)
}

// slurm is an array job. The shard is given in full, so that a part of the array
// that is submitted again is the same part of the runs; Slurm's signal ends the
// step at hand, and a job that is put back in the queue goes on from there.
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

// Slurm is a batch script for sbatch.
func (s Submission) Slurm() (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	return s.fill(slurm)
}

// fill fills a template in.
func (s Submission) fill(t *template.Template) (string, error) {
	var out strings.Builder
	err := t.Execute(&out, struct {
		Submission
		Grace     int
		CountName string
	}{s, grace, KubernetesCount})
	return out.String(), err
}

// kubernetes is an indexed job; the shard is read from the environment. Strings
// are JSON's, which YAML takes.
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

// Kubernetes is a manifest for kubectl.
func (s Submission) Kubernetes() (string, error) {
	err := s.check()
	if s.Image == "" {
		err = errors.Join(err, errors.New("a Kubernetes job needs the image of a container with rn in it"))
	}
	if s.Claim == "" || s.Mount == "" {
		err = errors.Join(err, errors.New("a Kubernetes job needs a volume claim and where it is mounted: what it writes elsewhere goes with the container"))
	}
	if err != nil {
		return "", err
	}
	return s.fill(kubernetes)
}

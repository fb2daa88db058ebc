package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/reciprocalnorm/rn/ablations"
)

// newAblateSubmit is `rn ablate submit`.
func newAblateSubmit() *cobra.Command {
	s := ablations.Submission{}
	var o ablations.Options // what the job's command says of it
	var onSlurm, onKubernetes bool
	var file, program string
	own := make(map[string]bool) // flags that are not the command's
	cmd := &cobra.Command{
		Use:   "submit SUITE --slurm|--kubernetes",
		Short: "Write the job file of rn ablate with the same flags, a shard a process",
		Long: `Writes a job file with which a cluster's scheduler does rn ablate SUITE with the same flags in shards: a
Slurm array, for sbatch, or an indexed job of Kubernetes, for kubectl apply. Nothing is submitted. Each
process appends to a results file of its own, and goes on where it was when it is started again.`,
		Example: `  rn ablate submit components --recipe digits --seeds 5 --out results --slurm --shards 10 --file components.sh
  rn ablate submit norms --recipe office-home --root /data/office-home --out /data/norms --kubernetes --shards 8 \
    --image registry.example.org/rn:1 --claim data --mount /data --gpus 1 | kubectl apply -f -`,
	}
	flags := cmd.Flags()
	flags.BoolVar(&onSlurm, "slurm", false, "write a batch script with a job array")
	flags.BoolVar(&onKubernetes, "kubernetes", false, "write the manifest of an indexed job")
	flags.IntVar(&s.Shards, "shards", 1, "number of processes")
	flags.StringVar(&s.Name, "name", "", "name of the job (default: rn-SUITE)")
	flags.StringVar(&file, "file", "", "file to write (default: stdout)")
	flags.StringVar(&program, "program", "", "path of rn where the job runs (default: this one's; in a container rn)")
	flags.IntVar(&s.CPUs, "cpus", 2, "CPUs of each process")
	flags.StringVar(&s.Memory, "memory", "", "memory of each process, as the scheduler writes it")
	flags.IntVar(&s.GPUs, "gpus", 0, "GPUs of each process")
	flags.StringVar(&s.Time, "time", "", "Slurm: limit of each process")
	flags.StringVar(&s.Image, "image", "", "Kubernetes: container image")
	flags.StringVar(&s.Claim, "claim", "", "Kubernetes: persistent volume claim")
	flags.StringVar(&s.Mount, "mount", "", "Kubernetes: where it is mounted; --out and --root must be below")
	flags.VisitAll(func(f *pflag.Flag) { own[f.Name] = true })
	suite := addAblateFlags(cmd, &o)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if onSlurm == onKubernetes {
			return usageError{errors.New("want --slurm or --kubernetes")}
		}
		plan, err := suite.plan(args[0], nil)
		if err != nil {
			return err
		}
		runs := len(plan.Jobs(ablations.Shard{}))
		if s.Shards > runs {
			return usageError{fmt.Errorf("--shards %d: there are only %d runs", s.Shards, runs)}
		}
		if s.Name == "" {
			s.Name = "rn-" + args[0]
		}
		if inside, err := filepath.Rel(s.Mount, o.Environment.Out); onKubernetes && s.Mount != "" && (err != nil || !filepath.IsLocal(inside)) {
			return usageError{fmt.Errorf("--out %s is not below --mount %s: what is written elsewhere goes with the container", o.Environment.Out, s.Mount)}
		}
		if program == "" {
			program = "rn"
			if onSlurm {
				if program, err = os.Executable(); err != nil {
					return err
				}
			}
		}
		s.Command = []string{program, "ablate", args[0]}
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if !own[f.Name] {
				s.Command = append(s.Command, arguments(f)...)
			}
		})
		job := s.Slurm
		if onKubernetes {
			job = s.Kubernetes
		}
		text, err := job()
		if err != nil {
			return usageError{err}
		}
		if file == "" {
			_, err = io.WriteString(cmd.OutOrStdout(), text)
		} else {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%d runs in %d shards\n", runs, s.Shards)
		return nil
	}
	return cmd
}

// arguments are the words of a command that a flag was given by: one, or one a
// value for flags that are repeated.
func arguments(f *pflag.Flag) (words []string) {
	word := "--" + f.Name + "="
	list, ok := f.Value.(pflag.SliceValue)
	switch {
	case !ok:
		return []string{word + f.Value.String()}
	case f.Value.Type() == "stringArray":
		for _, value := range list.GetSlice() {
			words = append(words, word+value)
		}
		return words
	default:
		return []string{word + strings.Join(list.GetSlice(), ",")}
	}
}

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
	"github.com/reciprocalnorm/rn/experiments/atomicfile"
)

// newAblateSubmit returns `rn ablate submit`.
func newAblateSubmit() *cobra.Command {
	s := ablations.Submission{}
	var o ablations.Options // the options of the command in the job
	var onSlurm, onKubernetes bool
	var file, program string
	own := make(map[string]bool) // flags that rn ablate lacks
	cmd := &cobra.Command{
		Use:   "submit SUITE --slurm|--kubernetes",
		Short: "Write a Slurm or Kubernetes job that runs a suite in shards",
		Long: `Writes a job file that runs rn ablate SUITE with the same flags on a cluster, one process per shard: a
Slurm array for sbatch, or an indexed Kubernetes job for kubectl apply. The command only writes the file; it
submits nothing. Each process appends to its own results file and continues where it was after a restart.`,
		Example: `  rn ablate submit components --seeds 5 --out results --slurm --shards 10 --file components.sh
  rn ablate submit norms --recipe office-home --root /data/office-home --out /data/norms \
    --kubernetes --shards 8 --image registry.example.org/rn:1 --claim data --mount /data --gpus 1 \
    | kubectl apply -f -`,
	}
	flags := cmd.Flags()
	flags.BoolVar(&onSlurm, "slurm", false, "write a Slurm batch script with a job array")
	flags.BoolVar(&onKubernetes, "kubernetes", false, "write a Kubernetes manifest of an indexed job")
	flags.IntVar(&s.Shards, "shards", 1, "processes, one per shard")
	flags.StringVar(&s.Name, "name", "", "job `NAME` (default: rn-SUITE)")
	flags.StringVar(&file, "file", "", "`FILE` to write (default: stdout)")
	flags.StringVar(&program, "program", "", "`PATH` of rn on the cluster (default: this program's; rn in a container)")
	flags.IntVar(&s.CPUs, "cpus", 2, "CPUs per process")
	flags.StringVar(&s.Memory, "memory", "", "memory per process, a `SIZE` such as 8G for Slurm or 8Gi for Kubernetes")
	flags.IntVar(&s.GPUs, "gpus", 0, "GPUs per process")
	flags.StringVar(&s.Time, "time", "", "Slurm: time `LIMIT` per process, such as 2:00:00")
	flags.StringVar(&s.Image, "image", "", "Kubernetes: container `IMAGE`")
	flags.StringVar(&s.Claim, "claim", "", "Kubernetes: persistent volume claim `NAME`")
	flags.StringVar(&s.Mount, "mount", "", "Kubernetes: mount `PATH` of the claim; --out and --root must be below it")
	flags.VisitAll(func(f *pflag.Flag) { own[f.Name] = true })
	suite := addAblateFlags(cmd, &o)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if onSlurm == onKubernetes {
			return usageError{errors.New("want one of --slurm and --kubernetes")}
		}
		plan, err := suite.plan(args[0], nil)
		if err != nil {
			return err
		}
		runs := len(plan.Jobs(ablations.Shard{}))
		if s.Shards > runs {
			return usageError{fmt.Errorf("--shards %d: the suite has only %d runs", s.Shards, runs)}
		}
		if s.Name == "" {
			s.Name = "rn-" + args[0]
		}
		if inside, err := filepath.Rel(s.Mount, o.Environment.Out); onKubernetes && s.Mount != "" && (err != nil || !filepath.IsLocal(inside)) {
			return usageError{fmt.Errorf("--out %s is not below --mount %s: files elsewhere are lost with the container", o.Environment.Out, s.Mount)}
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
			err = atomicfile.WriteFile(file, []byte(text))
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%d runs in %d shards\n", runs, s.Shards)
		return nil
	}
	return cmd
}

// arguments returns the words that give a flag its value: one, or one per value for a
// repeatable flag.
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

package ablations

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// Shard is one of several parts of a plan's runs. The zero value is all of them.
type Shard struct {
	Index int // from 1
	Count int
}

// ParseShard reads "INDEX/COUNT", such as "1/4".
func ParseShard(text string) (Shard, error) {
	index, count, ok := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errCount := strconv.Atoi(count)
	if !ok || errIndex != nil || errCount != nil {
		return Shard{}, fmt.Errorf("shard %q: want INDEX/COUNT, such as 1/4", text)
	}
	return newShard(i, n)
}

// newShard makes a shard with a valid index and count.
func newShard(index, count int) (Shard, error) {
	if count < 1 || index < 1 || index > count {
		return Shard{}, fmt.Errorf("shard %d/%d: want an index from 1 to the count", index, count)
	}
	return Shard{index, count}, nil
}

// Environment variables that name a process's shard.
const (
	slurmTask  = "SLURM_ARRAY_TASK_ID"
	slurmMin   = "SLURM_ARRAY_TASK_MIN"
	slurmMax   = "SLURM_ARRAY_TASK_MAX"
	slurmCount = "SLURM_ARRAY_TASK_COUNT"
	slurmStep  = "SLURM_ARRAY_TASK_STEP"

	kubernetesIndex = "JOB_COMPLETION_INDEX"
	// kubernetesCount is set by the job files that this package writes; Kubernetes
	// itself does not set it.
	kubernetesCount = "JOB_COMPLETIONS"
)

// ShardFromEnvironment reads the shard that a scheduler gives a process. from names
// the variable that it was read from; without one it is empty and the shard is zero.
//
//   - Slurm array: $SLURM_ARRAY_TASK_ID, _MIN and _COUNT, and _STEP and _MAX if they
//     are set. An array with gaps is an error.
//   - Kubernetes indexed job: $JOB_COMPLETION_INDEX, and $JOB_COMPLETIONS, which the
//     job has to set.
func ShardFromEnvironment(getenv func(string) string) (shard Shard, from string, err error) {
	number := func(name string) int {
		text := getenv(name)
		v, e := strconv.Atoi(text)
		switch {
		case err != nil || e == nil:
		case text == "":
			err = fmt.Errorf("$%s is set but $%s is not: set it, or give --shard INDEX/COUNT", from, name)
		default:
			err = fmt.Errorf("$%s is %q: want a whole number", name, text)
		}
		return v
	}
	switch {
	case getenv(slurmTask) != "":
		from = slurmTask
		id, first, count := number(slurmTask), number(slurmMin), number(slurmCount)
		step, last := 1, first+count-1
		if getenv(slurmStep) != "" {
			step = number(slurmStep)
			last = first + (count-1)*step
		}
		if getenv(slurmMax) != "" && number(slurmMax) != last || step < 1 || (id-first)%step != 0 {
			err = errorOr(err, fmt.Errorf("the job array has gaps ($%s is %d; %d tasks from %d to %s): give --shard INDEX/COUNT", slurmTask, id, count, first, getenv(slurmMax)))
		}
		if err != nil {
			return Shard{}, from, err
		}
		shard, err = newShard((id-first)/step+1, count)
	case getenv(kubernetesIndex) != "":
		from = kubernetesIndex
		index, count := number(kubernetesIndex), number(kubernetesCount)
		if err != nil {
			return Shard{}, from, err
		}
		shard, err = newShard(index+1, count)
	default:
		return Shard{}, "", nil
	}
	if err != nil {
		err = fmt.Errorf("from $%s: %w", from, err)
	}
	return shard, from, err
}

// errorOr returns err, or other if err is nil.
func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// String returns INDEX/COUNT, and nothing for the zero value.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// has reports whether the shard has run i, counted from 0.
func (s Shard) has(i int) bool { return s.Count == 0 || i%s.Count == s.Index-1 }

// file is the results file that the shard appends to. Each shard has its own, since
// several machines may corrupt each other's lines on a network file system.
func (s Shard) file() string {
	if s.Count == 0 {
		return record.ResultsFile
	}
	return fmt.Sprintf("results-%d-of-%d.jsonl", s.Index, s.Count)
}

package ablations

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// Shard is one of several parts of the runs of a plan; the zero value is all of
// them.
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

// newShard checks a shard.
func newShard(index, count int) (Shard, error) {
	if count < 1 || index < 1 || index > count {
		return Shard{}, fmt.Errorf("shard %d/%d: want an index from 1 to the count", index, count)
	}
	return Shard{index, count}, nil
}

// Variables of the environment that a shard is read from.
const (
	slurmTask  = "SLURM_ARRAY_TASK_ID"
	slurmMin   = "SLURM_ARRAY_TASK_MIN"
	slurmMax   = "SLURM_ARRAY_TASK_MAX"
	slurmCount = "SLURM_ARRAY_TASK_COUNT"
	slurmStep  = "SLURM_ARRAY_TASK_STEP"

	kubernetesIndex = "JOB_COMPLETION_INDEX"
	// KubernetesCount is not set by Kubernetes: job files that this package writes
	// set it.
	KubernetesCount = "JOB_COMPLETIONS"
)

// ShardFromEnvironment reads the shard that a scheduler gives a process, and
// says where it is from; the zero value with nothing said where none does.
//
//   - Slurm's arrays: $SLURM_ARRAY_TASK_ID, _MIN, _COUNT, and _STEP and _MAX where
//     they are set; arrays with gaps have no shards;
//   - Kubernetes' indexed jobs: $JOB_COMPLETION_INDEX, and $JOB_COMPLETIONS, which
//     the job has to set.
func ShardFromEnvironment(getenv func(string) string) (shard Shard, from string, err error) {
	number := func(name string) int {
		text := getenv(name)
		v, e := strconv.Atoi(text)
		switch {
		case err != nil || e == nil:
		case text == "":
			err = fmt.Errorf("$%s is not set beside $%s: set it, or give --shard INDEX/COUNT", name, from)
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
			err = errorOr(err, fmt.Errorf("$%s is %d of an array with gaps, of %d tasks from %d to %s: give --shard INDEX/COUNT", slurmTask, id, count, first, getenv(slurmMax)))
		}
		if err != nil {
			return Shard{}, from, err
		}
		shard, err = newShard((id-first)/step+1, count)
	case getenv(kubernetesIndex) != "":
		from = kubernetesIndex
		index, count := number(kubernetesIndex), number(KubernetesCount)
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

// errorOr is err, or another one if there is none.
func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// String is "INDEX/COUNT", empty for all.
func (s Shard) String() string {
	if s.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}

// has says that the shard has the run of an index from 0.
func (s Shard) has(i int) bool { return s.Count == 0 || i%s.Count == s.Index-1 }

// file is the results file that the shard appends to, its own: a network file
// system may not keep the lines of several machines apart.
func (s Shard) file() string {
	if s.Count == 0 {
		return record.ResultsFile
	}
	return fmt.Sprintf("results-%d-of-%d.jsonl", s.Index, s.Count)
}

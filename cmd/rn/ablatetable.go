package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/ablations"
	"github.com/reciprocalnorm/rn/experiments/record"
	"github.com/reciprocalnorm/rn/experiments/registry"
)

// tableFlags are those of `rn ablate table`.
type tableFlags struct {
	out, suite, base, format, choice, version string
	anyVersion                                bool
}

// newAblateTable is `rn ablate table`.
func newAblateTable() *cobra.Command {
	var f tableFlags
	var asJSON bool
	formats := namesOf(ablations.Formats(), func(f ablations.Format) string { return f.Name })
	choices := namesOf(record.Choices(), func(c record.Choice) string { return c.Name })
	cmd := &cobra.Command{
		Use:   "table [SUITE]",
		Short: "Compare the variants of suites: mean ± std, paired difference with confidence interval",
		Long: `Reads results.jsonl and every other results*.jsonl of a folder and prints, for every suite that was run,
target accuracy and mean per-class recall of each variant at each choice of the checkpoint: the last
step, the label-free choices (InfoMax, entropy, soft neighbourhood density) and the oracle, which
target labels choose. Differences are to the base row, paired by seed, with the 95 % confidence
interval of Student's t, not corrected for the number of rows. CSV and JSON have those of every choice,
as fractions of 1.`,
		Example: `  rn ablate table --out out/components
  rn ablate table gate-range --out out --format markdown --choice infomax
  rn ablate table --out out/components --base bn --format csv`,
		ValidArgs: suiteNames(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("table wants at most one suite of %s, got %d", strings.Join(suiteNames(), ", "), len(args))}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&f.out, "out", "out", "folder of the results")
	cmd.Flags().StringVar(&f.format, "format", "terminal", strings.Join(formats, ", "))
	cmd.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	cmd.Flags().StringVar(&f.choice, "choice", "last", "choice of the checkpoint whose differences are shown: "+strings.Join(choices, ", "))
	cmd.Flags().StringVar(&f.base, "base", "", "variant that the others are compared with (default: the configuration that the suite edits)")
	cmd.Flags().StringVar(&f.version, "code", "", "version of the code whose results are read, as git_commit in the results (default: the one there is)")
	cmd.Flags().BoolVar(&f.anyVersion, "any-version", false, "mix results of several versions of the code, the latest of each run")
	for flag, values := range map[string][]string{"format": formats, "choice": choices} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // a flag above that does not exist
		}
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			f.suite = args[0]
		}
		if asJSON {
			f.format = "json"
		}
		return f.write(cmd)
	}
	return cmd
}

// write prints the tables.
func (f tableFlags) write(cmd *cobra.Command) error {
	format, err := ablations.LookupFormat(f.format)
	if err != nil {
		return usageError{err}
	}
	choice, err := record.LookupChoice(f.choice)
	if err != nil {
		return usageError{err}
	}
	if f.suite != "" {
		if _, err := ablations.Lookup(f.suite); err != nil {
			return usageError{err}
		}
	}
	tables, err := f.read(cmd)
	if err != nil {
		return err
	}
	return format.Write(cmd.OutOrStdout(), tables, choice)
}

// read makes the tables; what it goes on without is told of on stderr.
func (f tableFlags) read(cmd *cobra.Command) ([]ablations.Table, error) {
	if f.anyVersion && f.version != "" {
		return nil, usageError{errors.New("--code and --any-version exclude each other")}
	}
	records, err := ablations.Read(f.out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "rn: %v\n", err) // the good lines are compared
	}
	if records, err = ablations.Merge(records); err != nil {
		return nil, err
	}
	if f.anyVersion {
		records = ablations.AnyVersion(records)
	} else if records, err = ablations.OneVersion(records, f.version); err != nil {
		var several ablations.OtherVersionError
		if errors.As(err, &several) {
			return nil, fmt.Errorf("%w: --code chooses one, --any-version mixes them", err)
		}
		return nil, err
	}
	tables, err := ablations.Tables(records, ablations.Selection{Suite: f.suite, Base: f.base})
	if errors.Is(err, ablations.ErrUnknownVariant) {
		err = usageError{err}
	}
	for _, t := range tables {
		if len(t.Missing) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: no results yet of %s\n", t.Suite, strings.Join(t.Missing, ", "))
		}
	}
	return tables, err
}

// namesOf lists the names of values.
func namesOf[T any](all []T, name func(T) string) []string { return registry.Names(all, name) }

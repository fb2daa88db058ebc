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

// tableFlags choose the tables of `rn ablate table`.
type tableFlags struct {
	out, suite, base, format, choice, version string
	anyVersion                                bool
}

// newAblateTable returns `rn ablate table`.
func newAblateTable() *cobra.Command {
	var f tableFlags
	var asJSON bool
	formats := registry.Names(ablations.Formats(), func(f ablations.Format) string { return f.Name })
	cmd := &cobra.Command{
		Use:   "table [SUITE]",
		Short: "Compare stored variants: mean ± std, paired differences, confidence intervals",
		Long: `Reads all results*.jsonl of a folder and prints a table for every suite: target accuracy and mean per-class
recall of each variant. Each choice of the checkpoint has a column: the last step, the label-free choices
(InfoMax, entropy, soft neighbourhood density), and the oracle, which uses target labels.

Differences are to the base row, paired by seed, with the 95 % confidence interval of Student's t, not
corrected for the number of rows. CSV and JSON have the differences at every choice, in fractions of 1.`,
		Example: `  rn ablate table --out out/components
  rn ablate table gate-range --out out --format markdown --choice infomax
  rn ablate table --out out/components --base bn --format csv`,
		ValidArgs: suiteNames(),
		Args:      atMostOneArg(oneOf("suite", suiteNames())),
	}
	addOutFlag(cmd.Flags(), &f.out, "out", "`DIR` of the results")
	cmd.Flags().StringVar(&f.format, "format", formats[0], "table `FORMAT`: "+strings.Join(formats, ", "))
	completeWith(cmd, "format", formats)
	addJSONFlag(cmd, &asJSON, "the same as --format json")
	addChoiceFlag(cmd, &f.choice, "show differences at the checkpoint chosen by `RULE`")
	f.addSelection(cmd, "")
	cmd.Flags().StringVar(&f.version, "code", "", "only results of this code `VERSION`, as git_commit in results.jsonl (default: the only one)")
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

// addSelection adds the flags that choose results and the base row. only is the prefix
// of their usage in a command that has other uses, too.
func (f *tableFlags) addSelection(cmd *cobra.Command, only string) {
	cmd.Flags().StringVar(&f.base, "base", "", only+"compare with this `VARIANT` (default: the configuration that the suite edits)")
	cmd.Flags().BoolVar(&f.anyVersion, "any-version", false, only+"mix the results of several code versions, with the latest of each run")
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

// read makes the tables. It warns on stderr about bad lines and missing variants.
func (f tableFlags) read(cmd *cobra.Command) ([]ablations.Table, error) {
	if f.anyVersion && f.version != "" {
		return nil, usageError{errors.New("want only one of --code and --any-version")}
	}
	records, err := ablations.Read(f.out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "rn: %v\n", err) // the good lines still count
	}
	if err := record.Unchecked(f.out); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "rn: %v\n", err)
	}
	if records, err = ablations.Merge(records); err != nil {
		return nil, err
	}
	if f.anyVersion {
		records = ablations.AnyVersion(records)
	} else if records, err = ablations.OneVersion(records, f.version); err != nil {
		var several ablations.OtherVersionError
		if errors.As(err, &several) {
			return nil, fmt.Errorf("%w; choose one with --code or mix them with --any-version", err)
		}
		return nil, err
	}
	tables, err := ablations.Tables(records, ablations.Selection{Suite: f.suite, Base: f.base})
	if errors.Is(err, ablations.ErrUnknownVariant) {
		err = usageError{err}
	}
	for _, t := range tables {
		if len(t.Missing) > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: no results yet for %s\n", t.Suite, strings.Join(t.Missing, ", "))
		}
	}
	return tables, err
}

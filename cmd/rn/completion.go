package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/reciprocalnorm/rn/experiments/record"
)

// complete offers values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // the command has no such flag
	}
}

// completeWith offers fixed values of a flag to the shell. A value may be followed by
// a tab and a description.
func completeWith(cmd *cobra.Command, flag string, values []string) {
	complete(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// completeRuns offers the ids of the runs in the output folder.
func completeRuns(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	out, err := cmd.Flags().GetString("out")
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	results, _ := record.Read(out) // bad lines do not matter here
	var offered []string
	for _, r := range results {
		offered = append(offered, r.ID+"\t"+runName(r.Config))
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// listed returns the items of a kind of `rn list` for completion, with their
// summaries.
func listed(kind string) []string {
	var names []string
	for _, i := range items() {
		if i.Kind == kind {
			names = append(names, fmt.Sprintf("%s\t%s", i.Name, i.Summary))
		}
	}
	return names
}

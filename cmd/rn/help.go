package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// helpColumns is the width of help texts.
const helpColumns = 110

// commandGroup is a group of sub-commands in the help of rn.
type commandGroup struct {
	title    string
	commands []*cobra.Command
}

// addGroups adds sub-commands to the root in groups.
func addGroups(root *cobra.Command, groups ...commandGroup) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title + ":"})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
}

// layOutHelp lists commands and flags in the order in which they are declared, and
// wraps the usage of flags.
func layOutHelp(root *cobra.Command) {
	cobra.EnableCommandSorting = false
	const usages = ".FlagUsages "
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), usages, fmt.Sprintf(".FlagUsagesWrapped %d ", helpColumns)))
	for _, c := range everyCommand(root) {
		c.Flags().SortFlags = false
	}
}

// everyCommand lists a command and all commands below it.
func everyCommand(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = slices.Concat(all, everyCommand(c))
	}
	return all
}

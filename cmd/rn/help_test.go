package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

// shellWords splits a command line as a shell does.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.Command("sh", "-c", `printf '%s\n' `+line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// TestExamples checks that every command with a task of its own has examples, and that
// each example names that command, with flags and arguments that it accepts.
func TestExamples(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell")
	}
	root := newRoot()
	for _, cmd := range everyCommand(root) {
		if cmd.Hidden || cmd != root && !cmd.HasAvailableLocalFlags() && cmd.HasSubCommands() {
			continue
		}
		path := cmd.CommandPath()
		if cmd.Example == "" {
			t.Errorf("%s has no example", path)
		}
		for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", " ")) {
			command := commandIn(line)
			if command == "" || strings.Contains(line, "../") {
				t.Errorf("%s: the example %q is not a command that a reader can type", path, line)
				continue
			}
			got, err := parsed(shellWords(t, command)[1:])
			if err == nil {
				err = got.ValidateArgs(got.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: %s: %v", path, command, err)
			} else if cmd != root && got.CommandPath() != path {
				t.Errorf("%s: the example %s is of %s", path, command, got.CommandPath())
			}
		}
	}
}

// TestHelpFits checks that the help of every command, the hidden one included, is at most
// helpColumns wide.
func TestHelpFits(t *testing.T) {
	for _, cmd := range everyCommand(newRoot()) {
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(help.String(), "Usage:") || !strings.Contains(help.String(), "Flags:") {
			t.Errorf("%s: no usage or no flags in:\n%s", cmd.CommandPath(), &help)
		}
		for line := range strings.Lines(help.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("%s: a line has %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	}
}

// TestHelpOrder checks that help lists what a run needs before what it may have.
func TestHelpOrder(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string // in this order
	}{
		{"--help", []string{"Train and compare:", " demo ", " train ", "Look at results:", " plot ", "Machine and code:", " setup ", " lower "}},
		{"train --help", []string{"--recipe NAME", "--source DOMAIN", "--norm NAME", "--steps int", "--out DIR", "--backend string", "--json"}},
		{"plot --help", []string{"--file FILES", "--run IDS", "--layer NAME", "--theme string", "--out DIR"}},
	} {
		_, help, _ := call(strings.Fields(c.args)...)
		rest := help
		for _, want := range c.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("rn %s: no %q, or not after the ones before it, in:\n%s", c.args, want, help)
				break
			}
			rest = after
		}
	}
}

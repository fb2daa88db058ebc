package notebooks_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// maxNotebookBytes keeps notebooks small enough for diffs and for the code hosts' notebook viewers.
const maxNotebookBytes = 1 << 20

// notebook is the part of nbformat 4 that checkNotebook reads.
// https://nbformat.readthedocs.io/en/latest/format_description.html
type notebook struct {
	Format      int `json:"nbformat"`
	FormatMinor int `json:"nbformat_minor"`
	Metadata    struct {
		KernelSpec struct {
			Name     string `json:"name"`
			Language string `json:"language"`
		} `json:"kernelspec"`
	} `json:"metadata"`
	Cells []cell `json:"cells"`
}

type cell struct {
	ID       string                     `json:"id"`
	Type     string                     `json:"cell_type"`
	Metadata map[string]json.RawMessage `json:"metadata"`
	Source   multiline                  `json:"source"`
	Outputs  *[]output                  `json:"outputs"`
}

type output struct {
	Type      string                     `json:"output_type"`
	Text      multiline                  `json:"text"`
	Data      map[string]json.RawMessage `json:"data"`
	ErrorText string                     `json:"evalue"`
}

// multiline is nbformat's text: a string, or an array of strings to be joined.
type multiline string

func (m *multiline) UnmarshalJSON(data []byte) error {
	var parts []string
	if err := json.Unmarshal(data, &parts); err == nil {
		*m = multiline(strings.Join(parts, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(m))
}

var (
	cellID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	// machinePath matches an absolute path on somebody's machine, at the start of a word.
	machinePath = regexp.MustCompile(`(?:^|[^\w/.\-+])((?:/(?:root|home|Users|work|workspace|tmp|mnt|private|var/folders)/|[A-Z]:\\+Users\\+)[^\s"'<]*)`)
)

// checkNotebook returns the problems of a committed notebook, one sentence each.
func checkNotebook(data []byte) (problems []string) {
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if len(data) >= maxNotebookBytes {
		report("it has %d bytes, more than %d: clear large outputs", len(data), maxNotebookBytes)
	}
	var nb notebook
	if err := json.Unmarshal(data, &nb); err != nil {
		report("it is not nbformat JSON: %v", err)
		return problems
	}
	if nb.Format != 4 || nb.FormatMinor < 5 {
		report("its format is nbformat %d.%d; want 4.5 or a later 4", nb.Format, nb.FormatMinor)
	}
	if spec := nb.Metadata.KernelSpec; spec.Name != "gonb" || spec.Language != "go" {
		report("its kernel is %q (language %q); want \"gonb\" (language \"go\")", spec.Name, spec.Language)
	}

	seen := make(map[string]bool)
	code := 0
	for i, c := range nb.Cells {
		if !cellID.MatchString(c.ID) || seen[c.ID] {
			report("cell %d: id %q must be unique and have 1 to 64 letters, digits, '-' or '_'", i+1, c.ID)
		}
		seen[c.ID] = true
		if c.Metadata == nil {
			report("cell %d: no metadata", i+1)
		}
		checkPaths(fmt.Sprintf("cell %d, source", i+1), string(c.Source), report)
		switch c.Type {
		case "markdown", "raw":
		case "code":
			code++
			if code == 1 && !hasLine(string(c.Source), "%noautoget") {
				report("cell %d is the first code cell and has no line %%noautoget", i+1)
			}
			checkOutputs(i+1, c.Outputs, report)
		default:
			report("cell %d: unknown cell_type %q", i+1, c.Type)
		}
	}
	if code == 0 {
		report("it has no code cell")
	}
	return problems
}

// checkOutputs reports problems of the outputs of a code cell.
func checkOutputs(number int, outputs *[]output, report func(string, ...any)) {
	if outputs == nil {
		report("cell %d: the code cell has no field outputs; want a list, which may be empty", number)
		return
	}
	for _, out := range *outputs {
		where := fmt.Sprintf("cell %d, output", number)
		if out.Type == "error" {
			report("%s: it stores the error %q", where, out.ErrorText)
		}
		checkPaths(where, string(out.Text), report)
		for mime, raw := range out.Data {
			var text multiline
			if !strings.HasPrefix(mime, "image/") && json.Unmarshal(raw, &text) == nil {
				checkPaths(where, string(text), report)
			}
		}
	}
}

// checkPaths reports the machine paths in a text.
func checkPaths(where, text string, report func(string, ...any)) {
	for _, match := range machinePath.FindAllStringSubmatch(text, -1) {
		report("%s: it contains the machine path %s", where, match[1])
	}
}

// hasLine reports whether a line of the text, without surrounding space, equals line.
func hasLine(text, line string) bool {
	for l := range strings.Lines(text) {
		if strings.TrimSpace(l) == line {
			return true
		}
	}
	return false
}

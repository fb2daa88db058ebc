package notebooks_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommittedNotebooks checks the notebooks of this folder.
func TestCommittedNotebooks(t *testing.T) {
	paths, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("no notebook in this folder")
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range checkNotebook(data) {
				t.Errorf("%s: %s", path, problem)
			}
		})
	}
}

func TestCheckNotebook(t *testing.T) {
	good := string(newNotebook(t, "gonb", "%noautoget\nimport \"fmt\"", "%%\nfmt.Println(1)"))
	withOutput := func(output string) string {
		return strings.Replace(good, `"outputs":[]`, `"outputs":[`+output+`]`, 1)
	}
	tests := []struct {
		name, notebook string
		want           string // a part of the only problem; empty if there is none
	}{
		{"good", good, ""},
		{"stored stream", withOutput(`{"output_type":"stream","name":"stdout","text":["a\n","b"]}`), ""},
		{"a path in a URL", withOutput(`{"output_type":"stream","name":"stdout","text":"https://example.org/home/x"}`), ""},
		{"a path inside base64", withOutput(`{"output_type":"display_data","metadata":{},"data":{"image/png":" /tmp/abc"}}`), ""},
		{"not JSON", good[:len(good)-1], "not nbformat JSON"},
		{"a list", `[]`, "not nbformat JSON"},
		{"old format", strings.Replace(good, `"nbformat":4`, `"nbformat":3`, 1), "nbformat 3.5"},
		{"no ids", strings.Replace(good, `"nbformat_minor":5`, `"nbformat_minor":4`, 1), "nbformat 4.4"},
		{"other kernel", strings.Replace(good, `"name":"gonb"`, `"name":"python3"`, 1), `"python3"`},
		{"same id twice", strings.Replace(good, `"c1"`, `"c0"`, 1), `id "c0"`},
		{"bad id", strings.Replace(good, `"c1"`, `"c 1"`, 1), `id "c 1"`},
		{"unknown cell", strings.Replace(good, `"cell_type":"code","execution_count":null,"id":"c1"`, `"cell_type":"sound","id":"c1"`, 1), `"sound"`},
		{"no outputs", strings.Replace(good, `"outputs":[]`, `"o":[]`, 1), "no field outputs"},
		{"autoget", strings.Replace(good, "%noautoget", "%autoget", 1), "no line %noautoget"},
		{"no code", strings.ReplaceAll(good, `"code"`, `"markdown"`), "no code cell"},
		{"stored error", withOutput(`{"output_type":"error","ename":"ERROR","evalue":"boom","traceback":[]}`), `"boom"`},
		{"path in a source", strings.Replace(good, "Println(1)", `Println(\"/home/ann/x\")`, 1), "/home/ann/x"},
		{"path in a stream", withOutput(`{"output_type":"stream","name":"stdout","text":["see ","/tmp/x.png"]}`), "/tmp/x.png"},
		{"path in HTML", withOutput(`{"output_type":"display_data","metadata":{},"data":{"text/html":"<b>/root/x</b>"}}`), "/root/x"},
		{"Windows path", withOutput(`{"output_type":"stream","name":"stdout","text":"C:\\Users\\ann"}`), `C:\Users\ann`},
		{"large", withOutput(`{"output_type":"stream","name":"stdout","text":"` + strings.Repeat("x", maxNotebookBytes) + `"}`), "bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := checkNotebook([]byte(test.notebook))
			switch {
			case test.want == "" && len(got) != 0:
				t.Errorf("problems %q, want none", got)
			case test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)):
				t.Errorf("problems %q, want one with %q", got, test.want)
			}
		})
	}
}

// newNotebook returns a notebook with the given code cells, whose ids are c0, c1, …
func newNotebook(t *testing.T, kernel string, sources ...string) []byte {
	t.Helper()
	cells := make([]map[string]any, len(sources))
	for i, source := range sources {
		cells[i] = map[string]any{
			"id": "c" + string(rune('0'+i)), "cell_type": "code", "source": source,
			"metadata": map[string]any{}, "outputs": []any{}, "execution_count": nil,
		}
	}
	data, err := json.Marshal(map[string]any{
		"nbformat": 4, "nbformat_minor": 5, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": kernel, "display_name": "Go (gonb)", "language": "go"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

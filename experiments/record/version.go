package record

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// module is the path of this repository's module.
const module = "github.com/reciprocalnorm/rn"

// unknownVersion stands for a commit that nothing names.
const unknownVersion = "unknown"

// dirty marks a build from files that differ from the commit's.
const dirty = "-dirty"

// commit is set by the Makefile's build.
var commit string

// CodeVersion names the code of this module in the running program. Equal versions
// mean equal code:
//
//   - the commit of a clean build, or the module's version where another module
//     requires it;
//   - COMMIT-dirty+HASH or unknown+HASH for a build that no commit describes. HASH
//     covers the program's file;
//   - COMMIT-dirty+HASH in a program of another module that is compiled from a
//     checkout, as notebooks are. HASH covers the checkout's changed source files,
//     or all of them where Git does not know the folder. Notebooks and documents do
//     not count as changes.
func CodeVersion() string { return codeVersion() }

var codeVersion = sync.OnceValue(func() string {
	version := commit
	if version == "" {
		version = unknownVersion
		if info, ok := debug.ReadBuildInfo(); ok {
			version = versionOf(info, checkout())
		}
	}
	if version != unknownVersion && !strings.HasSuffix(version, dirty) {
		return version // it names the code, with a hash or without
	}
	program, err := programHash()
	if err != nil { // unknown code is never the same as other unknown code
		program = fmt.Sprintf("%x", time.Now().UnixNano())
	}
	return version + "+" + program
})

// hashDigits is the number of hexadecimal digits of a hash in a version.
const hashDigits = 12

// programHash is the hash of the program's file. Go builds are reproducible: the
// same code has the same hash.
func programHash() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil))[:hashDigits], nil
}

// versionOf is the version of this module in a program that was built as info
// says. sources is the folder of the module's sources, or empty.
func versionOf(info *debug.BuildInfo, sources string) string {
	if info.Main.Path == module {
		return stamped(info.Settings)
	}
	for _, dependency := range info.Deps {
		if dependency.Path != module {
			continue
		}
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		if dependency.Version != "" && dependency.Version != "(devel)" {
			return dependency.Version
		}
		return described(sources)
	}
	return unknownVersion
}

// stamped is the commit that the go command noted for the main module.
func stamped(settings []debug.BuildSetting) string {
	revision, changed := unknownVersion, ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = dirty
		}
	}
	return revision + changed
}

// checkout is the folder of this module's sources at compile time; empty where
// the build trimmed paths.
func checkout() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// sourceFiles are the patterns of files that decide what a checkout computes.
var sourceFiles = []string{"*.go", "*.c", "*.h", "*.s", "go.mod", "go.sum"}

// described is the commit of a checkout, with a hash of its changed source files if
// there are any.
func described(folder string) string {
	if folder == "" {
		return unknownVersion
	}
	git := func(args ...string) (string, error) {
		command := exec.Command("git", args...)
		command.Dir = folder
		out, err := command.Output()
		return strings.TrimSpace(string(out)), err
	}
	head, err := git("describe", "--always", "--abbrev=40", "--match=")
	if err != nil {
		return withHash(unknownVersion, folder, "", allSources(folder))
	}
	changes, err := git(append([]string{"diff", "HEAD", "--binary", "--no-ext-diff", "--no-color", "--"}, sourceFiles...)...)
	if err != nil {
		return unknownVersion
	}
	added, err := git(append([]string{"ls-files", "--others", "--exclude-standard", "--"}, sourceFiles...)...)
	if err != nil {
		return unknownVersion
	}
	if changes == "" && added == "" {
		return head
	}
	return withHash(head+dirty, folder, changes, strings.Fields(added))
}

// allSources lists the source files below a folder, sorted.
func allSources(folder string) []string {
	var found []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // what cannot be read cannot be compiled
		}
		for _, pattern := range sourceFiles {
			if ok, _ := filepath.Match(pattern, entry.Name()); ok {
				if relative, err := filepath.Rel(folder, path); err == nil {
					found = append(found, relative)
				}
			}
		}
		return nil
	})
	return found
}

// withHash adds a hash of a text and of files to a version.
func withHash(version, folder, text string, files []string) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n", text)
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return version
		}
		fmt.Fprintf(hash, "%q %d\n%s", name, len(content), content)
	}
	return version + "+" + fmt.Sprintf("%x", hash.Sum(nil))[:hashDigits]
}

// ShortVersion abbreviates a version for tables: the first 12 characters of a
// commit, with what follows the commit.
func ShortVersion(version string) string {
	const shown, commitLength = 12, 40
	if i := strings.IndexAny(version+"-", "-+"); i == commitLength {
		return version[:shown] + version[commitLength:]
	}
	return version
}

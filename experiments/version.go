package experiments

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// module is the path of this repository's module.
const module = "github.com/reciprocalnorm/rn"

// unknownVersion is what GitCommit says where nothing tells.
const unknownVersion = "unknown"

// commit is set by the Makefile's build.
var commit string

// GitCommit is the commit that the program was built from, with "-dirty" where
// its files differ from it, or "unknown". In a program of another module it is
// that of this module: its version, or, where it is compiled from a checkout as
// notebooks do, what Git says of that checkout now.
func GitCommit() string { return gitCommit() }

var gitCommit = sync.OnceValue(func() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknownVersion
	}
	return versionOf(info, checkout())
})

// versionOf is the version of this module in a program that was built as info
// says, from sources in a folder if it is not empty.
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

// stamped is the commit that the go command noted of the main module.
func stamped(settings []debug.BuildSetting) string {
	revision, dirty := unknownVersion, ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-dirty"
		}
	}
	return revision + dirty
}

// checkout is the folder of this module's sources when it was compiled; empty
// where paths were trimmed.
func checkout() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	return filepath.Dir(filepath.Dir(file))
}

// described is the commit of a checkout as the Makefile names it.
func described(folder string) string {
	if folder == "" {
		return unknownVersion
	}
	git := exec.Command("git", "describe", "--always", "--abbrev=40", "--dirty", "--match=")
	git.Dir = folder
	out, err := git.Output()
	if err != nil {
		return unknownVersion
	}
	return strings.TrimSpace(string(out))
}

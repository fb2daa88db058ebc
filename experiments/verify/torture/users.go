package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/reciprocalnorm/rn/experiments/fetch"
)

// otherUser is the user id of nobody on most systems.
const otherUser = 65534

// intrusion gives another user power over something that rn loads or executes.
type intrusion struct {
	name   string
	reader command
	do     func(cache string) error
}

// intrusions are what another user of the machine may have prepared.
var intrusions = []intrusion{
	{"executables' folder of another user", resumeDigits, func(cache string) error {
		return os.Chown(filepath.Join(cache, "xla"), otherUser, otherUser)
	}},
	{"an executable of another user", resumeDigits, func(cache string) error {
		paths, err := filepath.Glob(filepath.Join(cache, "xla", "*.xla"))
		for _, path := range paths {
			if err == nil {
				err = os.Chown(path, otherUser, otherUser)
			}
		}
		return err
	}},
	{"executables' folder that the group may write", resumeDigits, func(cache string) error {
		return os.Chmod(filepath.Join(cache, "xla"), 0o770)
	}},
	{"executables' folder that everyone may write", resumeDigits, func(cache string) error {
		return os.Chmod(filepath.Join(cache, "xla"), 0o777)
	}},
	{"cache that everyone may write", resumeDigits, func(cache string) error { return os.Chmod(cache, 0o777) }},
	{"plugins' folder of another user", doctor, func(cache string) error {
		return ownPlugins(cache, func(dir string) error { return os.Chown(dir, otherUser, otherUser) })
	}},
	{"plugins' folder that everyone may write", doctor, func(cache string) error {
		return ownPlugins(cache, func(dir string) error { return os.Chmod(dir, 0o777) })
	}},
}

// ownPlugins replaces the link to the user's plugins by a folder of links to each, and
// changes that folder.
func ownPlugins(cache string, change func(dir string) error) error {
	users, err := fetch.CacheDir()
	if err != nil {
		return err
	}
	dir := filepath.Join(cache, "pjrt")
	if err := os.Remove(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(users, "pjrt"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Symlink(filepath.Join(users, "pjrt", e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return change(dir)
}

// intrude prepares what another user may have prepared: rn must refuse it, or say that
// it does not use it. Equal numbers do not help: the other user can change them.
func intrude(i intrusion) func(context.Context, *trial) (outcome, error) {
	return func(ctx context.Context, t *trial) (outcome, error) {
		want, err := t.reference(ctx, i.reader)
		if err != nil {
			return "", err
		}
		if err := t.place(ctx, i.reader.state); err != nil {
			return "", err
		}
		t.how = i.name
		if err := i.do(filepath.Join(t.dir, "cache")); err != nil {
			return "", err
		}
		got, err := t.call(ctx, i.reader, false)
		if err != nil {
			return "", err
		}
		switch o := judge(want, got); {
		case o == same:
			return silent, nil
		case o == silent && i.reader.name == doctor.name && got.fingerprint != want.fingerprint: // it warns on stdout
			return recomputed, nil
		default:
			return o, nil
		}
	}
}

// noUsers says why the program cannot act as another user.
func noUsers(*lab) string {
	if os.Geteuid() != 0 {
		return "needs root to give files to another user"
	}
	return ""
}

package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// limitVariable makes this program a child that limits the size of its files in bytes
// and then becomes the program that its arguments name.
const limitVariable = "RN_TORTURE_FILE_LIMIT"

// limited becomes another program under a limit if the environment says so. It returns
// false if it does not.
func limited() bool {
	text, ok := os.LookupEnv(limitVariable)
	if !ok {
		return false
	}
	err := os.Unsetenv(limitVariable)
	limit, parseErr := strconv.ParseUint(text, 10, 63)
	if err == nil {
		err = parseErr
	}
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
	}
	if err == nil {
		err = syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, "torture: limit on files:", err)
	os.Exit(1)
	return true
}

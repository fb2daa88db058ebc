//go:build !linux

package main

import "errors"

var errNoMount = errors.New("mounts file systems in memory on Linux only")

func mount(string, string) error { return errNoMount }

func resize(string, int64) error { return errNoMount }

func unmount(string) error { return errNoMount }

//go:build !linux

package main

import "syscall"

// holdThread is only needed on Linux.
func holdThread() {}

// dieWithParent does nothing here: the server of a killed pgtest keeps running.
func dieWithParent(*syscall.SysProcAttr) {}

//go:build !linux

package main

import "syscall"

// holdThread has a purpose on Linux only.
func holdThread() {}

// dieWithParent has no counterpart here: a killed pgtest leaves its server.
func dieWithParent(*syscall.SysProcAttr) {}

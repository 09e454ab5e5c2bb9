//go:build unix && !linux

package faults

import "syscall"

// dieWithParent has no counterpart here: a killed test leaves its servers.
func dieWithParent(*syscall.SysProcAttr) {}

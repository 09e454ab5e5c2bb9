//go:build unix && !linux

package faults

import "syscall"

// dieWithParent does nothing here: the servers of a killed test keep running.
func dieWithParent(*syscall.SysProcAttr) {}

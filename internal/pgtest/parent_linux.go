package main

import (
	"runtime"
	"syscall"
)

// holdThread keeps the calling goroutine, and with it every child that it
// starts, on one thread.
func holdThread() { runtime.LockOSThread() }

// dieWithParent makes the kernel stop the child when pgtest is killed. SIGQUIT is
// the immediate shutdown of PostgreSQL.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

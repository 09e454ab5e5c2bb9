package faults

import "syscall"

// dieWithParent makes the kernel stop a server when the test is killed. SIGQUIT
// is the immediate shutdown of both PostgreSQL and pgbouncer.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

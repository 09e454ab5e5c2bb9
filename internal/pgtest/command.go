package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// interruptGrace is how long a command may take to end after a signal.
const interruptGrace = 20 * time.Second

// command is the command that needs the server.
type command struct {
	*exec.Cmd

	// ownGroup means that the command leads a process group, so that a signal
	// reaches all processes that it started.
	ownGroup bool
}

// runCommand runs the command to its end and returns its exit code. It passes
// signals on to the command, which may handle them; a context would kill it.
func runCommand(opts options, dsn string, signals <-chan os.Signal) (int, error) {
	c := command{
		Cmd:      exec.CommandContext(context.Background(), opts.command[0], opts.command[1:]...),
		ownGroup: !ownsTerminal(),
	}
	c.Dir = opts.dir
	c.Env = append(c.Environ(), envDatabaseURL+"="+dsn)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: c.ownGroup}

	if err := c.Start(); err != nil {
		return exitFailed, err
	}
	return c.supervise(signals)
}

// ownsTerminal reports whether pgtest runs in the foreground of a terminal. To
// read from the terminal, the command then has to stay in pgtest's process group,
// where it gets a Ctrl-C directly from the terminal.
func ownsTerminal() bool {
	group, err := unix.IoctlGetInt(int(os.Stdin.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// supervise passes signals on until the command has ended, and kills it when it
// has not ended within interruptGrace.
func (c command) supervise(signals <-chan os.Signal) (int, error) {
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()

	var grace <-chan time.Time
	for {
		select {
		case err := <-ended:
			return exitCode(err)
		case sig := <-signals:
			c.forward(sig)
			grace = time.After(interruptGrace)
		case <-grace:
			c.forward(syscall.SIGKILL)
		}
	}
}

func (c command) forward(sig os.Signal) {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return
	}
	// An error means that the command has ended already.
	if c.ownGroup {
		_ = syscall.Kill(-c.Process.Pid, number)
		return
	}
	if number != syscall.SIGINT {
		_ = syscall.Kill(c.Process.Pid, number)
	}
}

// exitCode returns the exit code for how the command ended, as a shell does.
func exitCode(err error) (int, error) {
	if err == nil {
		return 0, nil
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return exitFailed, fmt.Errorf("wait for the command: %w", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

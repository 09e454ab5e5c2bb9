//go:build unix

package faults

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// stopTimeout bounds how long a server may take to stop.
const stopTimeout = time.Minute

// daemon is a running server program.
type daemon struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// startDaemon runs a program as the account, in the background, with its
// output in the log file.
func startDaemon(owner *account, dir, log, program string, args ...string) (*daemon, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // a path that this package chose
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner.credential()}
	dieWithParent(cmd.SysProcAttr)

	d := &daemon{cmd: cmd, log: log, exited: make(chan struct{})}
	started := make(chan error)
	go d.run(started)
	return d, <-started
}

// run keeps its thread for as long as the program runs: Linux treats the end of
// the thread that started the program as the death of the parent.
func (d *daemon) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(d.exited)
	err := d.cmd.Start()
	started <- err
	if err == nil {
		_ = d.cmd.Wait() // how it ended is in its log
	}
}

// stop sends the signal and waits for the program to end.
func (d *daemon) stop(sig os.Signal) error {
	_ = d.cmd.Process.Signal(sig) // it may have ended already
	select {
	case <-d.exited:
		return nil
	case <-time.After(stopTimeout):
	}
	_ = d.cmd.Process.Kill()
	<-d.exited
	return fmt.Errorf("%s did not stop within %v and was killed", d.cmd.Path, stopTimeout)
}

// listening waits until something listens on the port.
func (d *daemon) listening(ctx context.Context, port string) error {
	ctx, cancel := context.WithTimeout(ctx, recoveryTimeout)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-d.exited:
			return fmt.Errorf("%s ended: %s", d.cmd.Path, d.tail())
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen: %s", d.cmd.Path, d.tail())
		case <-time.After(pollEvery):
		}
	}
}

// tail returns the end of the log in one line.
func (d *daemon) tail() string {
	text, _ := os.ReadFile(d.log) // the log is only a part of an error message
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}

func freePort(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// startAttempts bounds how often a start is tried: a free port may be taken by
	// the time postgres binds it.
	startAttempts = 3

	// shutdownTimeout bounds an orderly stop. After it the server is killed, since
	// nobody needs the data.
	shutdownTimeout = time.Minute
)

// initdbOptions make the cluster the same on every machine.
func initdbOptions() []string {
	return []string{"--auth=trust", "-E", "UTF8", "--locale=C"}
}

// cluster is a temporary database cluster and the server that runs on it.
type cluster struct {
	bin    string
	dir    string // all files of the cluster, removed at the end
	owner  *account
	server *exec.Cmd
	exited chan struct{}
}

// fromBinaries runs the server programs of this machine on a new cluster.
func fromBinaries(ctx context.Context, opts options) (*server, error) {
	bin, err := serverPrograms(opts.bin)
	if err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, bin)
	if err != nil {
		return nil, err
	}
	srv, err := c.start(ctx, opts)
	if err != nil {
		return nil, errors.Join(err, c.remove(context.WithoutCancel(ctx)))
	}
	return srv, nil
}

// newCluster creates a cluster in a new temporary directory.
func newCluster(ctx context.Context, bin string) (*cluster, error) {
	owner, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: dir, owner: owner}
	if err := errors.Join(owner.chown(dir), c.initdb(ctx)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

func (c *cluster) initdb(ctx context.Context) error {
	// The data is temporary, so that initdb need not sync it.
	args := append([]string{"-D", c.data(), "-U", "postgres", "--no-sync"}, initdbOptions()...)
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), args...)
	c.confine(cmd)

	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("initdb in %s: %w: %s", c.dir, err, lastLines(out))
	}
	return nil
}

// start runs the server and returns it once it accepts connections.
func (c *cluster) start(ctx context.Context, opts options) (*server, error) {
	var failure error
	for range startAttempts {
		srv, err := c.startOnce(ctx, opts)
		if err == nil {
			return srv, nil
		}
		failure = errors.Join(err, c.shutdown(context.WithoutCancel(ctx)))
		if ctx.Err() != nil || !c.portWasTaken() {
			break
		}
	}
	return nil, failure
}

func (c *cluster) startOnce(ctx context.Context, opts options) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.launch(ctx, port, opts.settings); err != nil {
		return nil, err
	}

	dsn := trustedDSN(net.JoinHostPort("127.0.0.1", port))
	found, err := await(ctx, dsn, opts.wait, c.exited)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w: %s", filepath.Join(c.bin, "postgres"), err, lastLines(c.log()))
	}
	return &server{
		dsn:     dsn,
		origin:  "local binaries (" + c.bin + ")",
		address: found.address,
		version: found.version,
		stop:    c.remove,
	}, nil
}

// launch starts postgres. It outlives the context: after an interrupt, the command
// has to end before the server.
func (c *cluster) launch(ctx context.Context, port string, extra settings) error {
	log, err := os.Create(c.logFile())
	if err != nil {
		return err
	}
	defer log.Close()

	args := append([]string{"-D", c.data(), "-p", port}, extra.arguments(
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=",
		maxConnections,
	)...)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), filepath.Join(c.bin, "postgres"), args...)
	cmd.Stdout, cmd.Stderr = log, log
	c.confine(cmd)
	dieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return err
	}

	c.server, c.exited = cmd, make(chan struct{})
	go func() {
		defer close(c.exited)
		_ = cmd.Wait() // the log says how the server ended
	}()
	return nil
}

// confine runs a program as the owner and in its own process group, so that a
// Ctrl-C in the terminal does not reach it.
func (c *cluster) confine(cmd *exec.Cmd) {
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.owner.credential()}
}

// remove stops the server and deletes its files.
func (c *cluster) remove(ctx context.Context) error {
	return errors.Join(c.shutdown(ctx), os.RemoveAll(c.dir))
}

// shutdown requests a fast shutdown, which disconnects clients, and kills the
// server if that takes too long.
func (c *cluster) shutdown(ctx context.Context) error {
	if c.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()

	// An error means that it has exited already.
	_ = c.server.Process.Signal(syscall.SIGINT)
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
	}
	_ = c.server.Process.Kill()
	<-c.exited
	return fmt.Errorf("postgres (pid %d) did not stop within %s and was killed", c.server.Process.Pid, shutdownTimeout)
}

func (c *cluster) portWasTaken() bool {
	return strings.Contains(string(c.log()), "could not bind")
}

func (c *cluster) data() string    { return filepath.Join(c.dir, "data") }
func (c *cluster) logFile() string { return filepath.Join(c.dir, "server.log") }

func (c *cluster) log() []byte {
	text, _ := os.ReadFile(c.logFile()) // the log is only a part of an error message
	return text
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

// lastLines joins the last lines of the output into one.
func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "; ")
}

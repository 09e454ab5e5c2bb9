//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoServer means that this machine has no PostgreSQL server programs.
var ErrNoServer = errors.New("initdb and postgres are not installed")

const (
	// killEvery and crashEvery leave the server time to recover and the callers
	// time to get something done.
	killEvery  = 150 * time.Millisecond
	crashEvery = 250 * time.Millisecond
	// maxStarts bounds how often a start is tried after a crash: the former
	// backends may hold the shared memory for a moment.
	maxStarts = 20
)

// Server is a PostgreSQL on a temporary cluster, for tests that kill it.
type Server struct {
	bin, dir, port string
	owner          *account
	process        *daemon
}

// StartServer creates a cluster and runs it until Close.
func StartServer(ctx context.Context) (*Server, error) {
	bin := serverPrograms()
	if bin == "" {
		return nil, ErrNoServer
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, owner: owner}
	if s.dir, err = owner.directory("faults-postgres-"); err != nil {
		return nil, err
	}
	if s.port, err = freePort(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.initdb(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// DSN returns the DSN of the server.
func (s *Server) DSN() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/postgres?sslmode=disable", s.port)
}

// Close stops the server and deletes its files.
func (s *Server) Close() error {
	var err error
	if s.process != nil {
		err = s.process.stop(syscall.SIGINT)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// Await returns once the server has recovered. It connects twice, since a server
// that has not noticed the death of a backend yet still accepts connections.
func (s *Server) Await(ctx context.Context) error {
	for range 2 {
		pause(ctx, killEvery)
		conn, err := connect(ctx, s.DSN())
		if err != nil {
			return err
		}
		if err := conn.Close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// KillBackends repeatedly kills a backend of the callers with SIGKILL. The server
// then drops all connections and recovers.
func (s *Server) KillBackends(ctx context.Context, application string) error {
	for ctx.Err() == nil {
		pause(ctx, killEvery)
		if err := s.killBackend(ctx, application); err != nil {
			return ignoreEnd(ctx, err)
		}
	}
	return nil
}

// Crash repeatedly shuts the server down in immediate mode and starts it.
func (s *Server) Crash(ctx context.Context, _ string) error {
	for ctx.Err() == nil {
		pause(ctx, crashEvery)
		if err := s.crashOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// crashOnce returns when the server accepts connections again, also when the
// context has ended.
func (s *Server) crashOnce(ctx context.Context) error {
	if err := s.process.stop(syscall.SIGQUIT); err != nil {
		return err
	}
	return s.restart(context.WithoutCancel(ctx))
}

func (s *Server) killBackend(ctx context.Context, application string) error {
	conn, err := connect(ctx, s.DSN())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	const sql = `
SELECT pid FROM pg_stat_activity WHERE application_name = $1
ORDER BY state = 'active' DESC, random() LIMIT 1`
	var pid int
	err = conn.QueryRow(ctx, sql, application).Scan(&pid)
	if errors.Is(err, pgx.ErrNoRows) || conn.IsClosed() {
		return nil // there is no backend, or the crash has closed this connection, too
	}
	if err != nil {
		return err
	}
	_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended on its own
	return nil
}

func (s *Server) initdb(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"),
		"-D", s.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner.credential()}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// start runs postgres without fsync: the operating system survives these tests,
// and with it everything that was written.
func (s *Server) start(ctx context.Context) (err error) {
	//nolint:contextcheck // the server outlives the call
	s.process, err = startDaemon(s.owner, s.dir, filepath.Join(s.dir, "server.log"), filepath.Join(s.bin, "postgres"),
		"-D", s.data(), "-p", s.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "fsync=off", "-c", "shared_buffers=16MB")
	if err != nil {
		return err
	}
	return s.process.listening(ctx, s.port)
}

func (s *Server) restart(ctx context.Context) error {
	var failure error
	for range maxStarts {
		if failure = s.start(ctx); failure == nil {
			return nil
		}
		pause(ctx, pollEvery)
	}
	return failure
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// serverPrograms returns the directory of the server's programs, or "". PATH
// comes first: it is how a user picks a version.
func serverPrograms() string {
	var places []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if target, err := filepath.EvalSymlinks(initdb); err == nil {
			places = append(places, filepath.Dir(target))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern) // the patterns are well-formed
		slices.Reverse(found)
		places = append(places, found...)
	}
	for _, dir := range places {
		if executable(dir, "initdb") && executable(dir, "postgres") {
			return dir
		}
	}
	return ""
}

func executable(dir, name string) bool {
	_, err := exec.LookPath(filepath.Join(dir, name))
	return err == nil
}

//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// ErrNoPooler means that this machine has no pgbouncer.
var ErrNoPooler = errors.New("pgbouncer is not installed")

// Pooler is a pgbouncer that has fewer connections to the server than clients.
type Pooler struct {
	dir, port, database string
	mode                string
	connections         int
	owner               *account
	process             *daemon
}

// defaultConnections is how many connections to the server a pooler has.
const defaultConnections = 4

// StartPooler runs a pgbouncer in transaction mode in front of the server and
// schema that the DSN names, until Close.
func StartPooler(ctx context.Context, dsn string) (*Pooler, error) {
	return StartPoolerOf(ctx, dsn, defaultConnections)
}

// StartPoolerOf is StartPooler with that many connections to the server.
func StartPoolerOf(ctx context.Context, dsn string, connections int) (*Pooler, error) {
	return startPooler(ctx, dsn, "transaction", connections)
}

// StartPoolerIn is StartPooler in another pool_mode of pgbouncer: session,
// transaction or statement.
func StartPoolerIn(ctx context.Context, mode, dsn string) (*Pooler, error) {
	return startPooler(ctx, dsn, mode, defaultConnections)
}

func startPooler(ctx context.Context, dsn, mode string, connections int) (*Pooler, error) {
	program := poolerProgram()
	if program == "" {
		return nil, ErrNoPooler
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	p := &Pooler{owner: owner, database: config.Database, mode: mode, connections: connections}
	if p.dir, err = owner.directory("faults-pgbouncer-"); err != nil {
		return nil, err
	}
	if err := p.start(ctx, program, config); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// DSN returns the DSN of the pooler.
func (p *Pooler) DSN() string {
	u := url.URL{
		Scheme: "postgres", User: url.User("anybody"), Host: net.JoinHostPort("127.0.0.1", p.port),
		Path: "/" + p.database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Close stops the pooler, which ends its connections to the server.
func (p *Pooler) Close() error {
	var err error
	if p.process != nil {
		err = p.process.stop(syscall.SIGTERM)
		p.process = nil
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

func (p *Pooler) start(ctx context.Context, program string, config *pgx.ConnConfig) (err error) {
	if p.port, err = freePort(ctx); err != nil {
		return err
	}
	ini := filepath.Join(p.dir, "pgbouncer.ini")
	if err := os.WriteFile(ini, []byte(p.settings(config)), 0o600); err != nil {
		return err
	}
	if p.owner != nil {
		if err := os.Chown(ini, p.owner.uid, p.owner.gid); err != nil {
			return err
		}
	}
	//nolint:contextcheck // the pooler outlives the call
	p.process, err = startDaemon(p.owner, p.dir, filepath.Join(p.dir, "pgbouncer.log"), program, ini)
	if err != nil {
		return err
	}
	return p.process.listening(ctx, p.port)
}

// settings accepts any client, and connects to the server as the user of the DSN.
func (p *Pooler) settings(config *pgx.ConnConfig) string {
	return fmt.Sprintf(`[databases]
%s = host=%s port=%d dbname=%s user=%s%s%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = %s
default_pool_size = %d
max_client_conn = 400
server_login_retry = 0
ignore_startup_parameters = extra_float_digits,search_path
`, config.Database, config.Host, config.Port, iniQuote(config.Database), iniQuote(config.User), password(config.Password),
		searchPath(config.RuntimeParams["search_path"]), p.port, p.mode, p.connections)
}

// searchPath sets the search_path once per connection to the server, since
// pgbouncer does not track it.
func searchPath(path string) string {
	if path == "" {
		return ""
	}
	return " connect_query=" + iniQuote("SET search_path = "+path)
}

// password omits an empty password, which pgbouncer does not accept.
func password(secret string) string {
	if secret == "" {
		return ""
	}
	return " password=" + iniQuote(secret)
}

// iniQuote quotes a value of a connection string.
func iniQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func poolerProgram() string {
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

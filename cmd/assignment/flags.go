package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

var errHelp = errors.New("help was asked for")

// command is what the command line says.
type command struct {
	streams
	config
	name     string
	json     bool
	apply    bool
	dryRun   bool
	noRepair bool
	all      bool
	layout   string
	dir      string

	path   string // of -config
	spoken string // the flags that other commands take, too, as they were given
}

// parse reads the flags, then the file that they name, then the flags again:
// they win.
func parse(name string, args []string, s streams) (*command, error) {
	first := &command{name: name, streams: s}
	flags := first.flags()
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(s.out)
			fmt.Fprintf(s.out, "flags of assignment %s:\n", name)
			flags.PrintDefaults()
			return first, errHelp
		}
		return first, err
	}
	if flags.NArg() > 0 {
		return first, fmt.Errorf("%q is no flag; flags begin with -", flags.Arg(0))
	}
	c := &command{name: name, streams: s}
	if first.path != "" {
		loaded, err := load(first.path)
		if err != nil {
			return first, err
		}
		c.config = loaded
	}
	if err := c.flags().Parse(args); err != nil {
		return c, err
	}
	c.spoken = repeat(args, flags)
	if c.apply && c.dryRun {
		return c, errors.New("-apply and -dry-run contradict each other")
	}
	return c, nil
}

func (c *command) flags() *flag.FlagSet {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are reported once, by fail
	f.StringVar(&c.path, "config", c.path, "a JSON `file` with the settings of these flags, which win over it")
	f.StringVar(&c.DatabaseURL, "database-url", c.DatabaseURL, "`URL` or keyword/value string of the database (default $DATABASE_URL)")
	c.lifecycleFlags(f)
	if c.name == "migrate" {
		f.StringVar(&c.Table, "table", c.Table, "the `schema` of the table to migrate, as in schema.assignments")
		f.StringVar(&c.layout, "layout", "plain", "plain, goose, golang-migrate or tern")
		f.StringVar(&c.dir, "dir", "", "write the files into this `directory` instead of printing them")
		f.BoolVar(&c.apply, "apply", false, "apply the migrations to the database")
		return f
	}
	f.BoolVar(&c.json, "json", false, "print JSON on the standard output")
	c.tableFlags(f)
	c.waitFlags(f)
	if c.name == "check" {
		f.IntVar(&c.Sample, "sample", c.Sample, "how many groups of duplicates to show (default 10)")
		c.repairFlags(f) // so that one set of flags serves all commands
		return f
	}
	f.BoolVar(&c.apply, "apply", false, "act")
	f.BoolVar(&c.dryRun, "dry-run", false, "only show what would be done; the default")
	if c.name == "repair" {
		f.BoolVar(&c.all, "all", false, fmt.Sprintf("show all changes, not the first %d", shownChanges))
	}
	if c.name == "guard" {
		f.BoolVar(&c.noRepair, "no-repair", false, "stop at duplicates instead of repairing those that arrive")
	}
	c.repairFlags(f)
	return f
}

func (c *command) tableFlags(f *flag.FlagSet) {
	f.StringVar(&c.Table, "table", c.Table, "the `table`, as name or schema.name (default assignments)")
	for _, column := range []struct {
		value *string
		name  string
	}{
		{&c.Columns.ID, "id"},
		{&c.Columns.Assignee, "assignee"},
		{&c.Columns.Subject, "subject"},
		{&c.Columns.Status, "status"},
		{&c.Columns.AssignedBy, "assigned-by"},
		{&c.Columns.Account, "account"},
		{&c.Columns.DueAt, "due-at"},
		{&c.Columns.CreatedAt, "created-at"},
		{&c.Columns.UpdatedAt, "updated-at"},
		{&c.Columns.CompletedAt, "completed-at"},
		{&c.Columns.Version, "version"},
		{&c.Columns.Metadata, "metadata"},
		{&c.Columns.Request, "request"},
	} {
		f.StringVar(column.value, column.name+"-column", *column.value,
			"the `column`; once one is named, those that are not are not used, but for id and status")
	}
	list(f, &c.ExtraColumns, "extra-columns", "NOT NULL `columns` that your service fills on insert")
	f.BoolVar(&c.DatabaseIDs, "database-ids", c.DatabaseIDs, "the database makes the IDs")
	f.BoolVar(&c.CoarserThanIndex, "coarser-than-index", c.CoarserThanIndex,
		"the key has fewer columns than a unique index of the table on purpose")
}

func (c *command) lifecycleFlags(f *flag.FlagSet) {
	l := &c.Lifecycle
	f.StringVar(&l.Preset, "lifecycle", l.Preset, "default or completed-only, instead of the next three (default default)")
	f.StringVar(&l.Initial, "initial", l.Initial, "the `status` of a new assignment (default pending)")
	list(f, &l.Active, "active", "further `statuses` that hold the slot, from the first to the most advanced")
	list(f, &l.Terminal, "terminal", "the `statuses` that free the slot")
}

func (c *command) waitFlags(f *flag.FlagSet) {
	f.TextVar(&c.LockTimeout, "lock-timeout", c.LockTimeout, "how long writers may be kept waiting by a wait for a lock (0: 250ms)")
	f.TextVar(&c.WaitTimeout, "wait-timeout", c.WaitTimeout, "how long to wait for what keeps nobody waiting (0: 5m)")
}

func (c *command) repairFlags(f *flag.FlagSet) {
	r := &c.Repair
	f.StringVar(&r.Policy, "policy", r.Policy, "who keeps the slot: oldest, newest or most-advanced (default oldest)")
	list(f, &r.Order, "order", "`statuses` from the least to the most advanced (default: as in the lifecycle)")
	f.StringVar(&r.RetireTo, "retire-to", r.RetireTo, "the terminal `status` of the others (default cancelled, or the only terminal one)")
	f.StringVar(&r.NullStatus, "null-status", r.NullStatus, "the `status` that rows without one get (default: they are only reported)")
	f.Func("rewrite-status", "`old=new` of statuses that the lifecycle does not know, separated by commas", r.setRewrite)
	f.IntVar(&r.BatchRows, "batch-rows", r.BatchRows, "how many rows one transaction locks (default 200)")
	f.StringVar(&r.AuditTable, "audit-table", r.AuditTable, "the `table` that gets a row per change (default assignment_repairs)")
}

func (r *repairing) setRewrite(value string) error {
	r.Rewrite = make(map[string]string)
	for pair := range strings.SplitSeq(value, ",") {
		from, to, ok := strings.Cut(pair, "=")
		if !ok || from == "" || to == "" {
			return fmt.Errorf("%q is not old=new", pair)
		}
		r.Rewrite[from] = to
	}
	return nil
}

// list is a flag of values that are separated by commas.
func list(f *flag.FlagSet, target *[]string, name, help string) {
	f.Func(name, help+", separated by commas", func(value string) error {
		*target = strings.Split(value, ",")
		return nil
	})
}

// connect opens a pool. Nothing of the URL gets into an error.
func (c *command) connect(ctx context.Context) (*pgxpool.Pool, error) {
	if c.DatabaseURL == "" {
		c.DatabaseURL = os.Getenv("DATABASE_URL")
	}
	if c.DatabaseURL == "" {
		return nil, errors.New("-database-url is missing, and DATABASE_URL is not set")
	}
	settings, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return nil, errors.New("-database-url is not a PostgreSQL URL or keyword/value string; " +
			"in a URL, %-encode what a user or a password has of / ? # @ : and %")
	}
	c.secrets = append(c.secrets, settings.ConnConfig.Password)
	if settings.ConnConfig.ConnectTimeout == 0 {
		settings.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	settings.MaxConns = 3
	if !strings.Contains(c.DatabaseURL, "default_query_exec_mode") {
		// prepared statements have no names then, which no pooler could lose
		settings.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	// an interrupt cancels the statement on the server instead of leaving it there
	settings.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	return pgxpool.NewWithConfig(ctx, settings)
}

// oneLine is the error without line breaks and without any password.
func (c *command) oneLine(err error) string {
	secrets := append(secretsIn(c.DatabaseURL), c.secrets...)
	return hide(strings.Join(strings.Fields(inFlags(err)), " "), secrets...)
}

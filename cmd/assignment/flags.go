package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/assignment-go/assignment/postgres/schema"
)

func (c *command) flags() *flag.FlagSet {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard) // fail reports errors, once
	f.StringVar(&c.path, "config", c.path, "a JSON `file` with settings; flags override it")
	f.StringVar(&c.DatabaseURL, "database-url", c.DatabaseURL, "`URL` or keyword/value string of the database (default $DATABASE_URL)")
	c.lifecycleFlags(f)
	if c.name == "migrate" {
		f.StringVar(&c.Table, "table", c.Table, "the table to migrate, as `schema`.assignments")
		f.StringVar(&c.layout, "layout", "plain", "the layout of the files: plain, goose, golang-migrate or tern")
		f.StringVar(&c.dir, "dir", "", "write the files into this `directory` instead of printing them")
		f.BoolVar(&c.apply, "apply", false, "apply the migrations to the database")
		return f
	}
	f.BoolVar(&c.json, "json", false, "print JSON on the standard output")
	c.tableFlags(f)
	c.waitFlags(f)
	if c.name == "check" {
		f.IntVar(&c.Sample, "sample", c.Sample, "how many groups of duplicates to show (default 10)")
		c.repairFlags(f) // so that all commands accept the same flags
		return f
	}
	f.BoolVar(&c.apply, "apply", false, "make the changes")
	f.BoolVar(&c.dryRun, "dry-run", false, "only show what would be done, which is the default")
	if c.name == "repair" {
		f.BoolVar(&c.all, "all", false, fmt.Sprintf("show all changes, not only the first %d", shownChanges))
	}
	if c.name == "guard" {
		f.BoolVar(&c.noRepair, "no-repair", false, "stop at duplicates instead of repairing them")
	}
	c.repairFlags(f)
	return f
}

func (c *command) tableFlags(f *flag.FlagSet) {
	f.StringVar(&c.Table, "table", c.Table, "the `table`, as name or schema.name (default assignments)")
	usual := schema.DefaultColumns()
	for _, column := range []struct {
		value             *string
		name, what, usual string
	}{
		{&c.Columns.ID, "id", "the ID", usual.ID},
		{&c.Columns.Assignee, "assignee", "the assignee", usual.AssigneeID},
		{&c.Columns.Subject, "subject", "the subject", usual.SubjectID},
		{&c.Columns.Status, "status", "the status", usual.Status},
		{&c.Columns.AssignedBy, "assigned-by", "the assigner", usual.AssignedBy},
		{&c.Columns.Account, "account", "the account", usual.AccountID},
		{&c.Columns.DueAt, "due-at", "the due date", usual.DueAt},
		{&c.Columns.CreatedAt, "created-at", "the time of creation", usual.CreatedAt},
		{&c.Columns.UpdatedAt, "updated-at", "the time of the last change", usual.UpdatedAt},
		{&c.Columns.CompletedAt, "completed-at", "the time of completion", usual.CompletedAt},
		{&c.Columns.Version, "version", "the version", usual.Version},
		{&c.Columns.Metadata, "metadata", "the metadata", usual.Metadata},
		{&c.Columns.Request, "request", "the fingerprint of the request", usual.Request},
	} {
		preset := column.usual
		if column.name != "id" && column.name != "status" {
			preset += ", or none once any column is named"
		}
		f.StringVar(column.value, column.name+"-column", *column.value, fmt.Sprintf("the `column` of %s (default %s)", column.what, preset))
	}
	list(f, &c.ExtraColumns, "extra-columns", "NOT NULL `columns` that your service fills on insert")
	f.BoolVar(&c.DatabaseIDs, "database-ids", c.DatabaseIDs, "the database makes the IDs")
	f.BoolVar(&c.CoarserThanIndex, "coarser-than-index", c.CoarserThanIndex,
		"the key intentionally has fewer columns than a unique index of the table")
}

func (c *command) lifecycleFlags(f *flag.FlagSet) {
	l := &c.Lifecycle
	f.StringVar(&l.Preset, "lifecycle", l.Preset, "default or completed-only, instead of -initial, -active and -terminal (default default)")
	f.StringVar(&l.Initial, "initial", l.Initial, "the `status` of a new assignment (default pending)")
	list(f, &l.Active, "active", "further `statuses` that hold the slot, from the least to the most advanced")
	list(f, &l.Terminal, "terminal", "the `statuses` that free the slot")
}

func (c *command) waitFlags(f *flag.FlagSet) {
	f.Func("lock-timeout", "`how long` to wait for a lock that writers queue behind (default 250ms)", c.LockTimeout.set)
	f.Func("wait-timeout", "`how long` to wait where the wait blocks nobody (default 5m)", c.WaitTimeout.set)
}

func (c *command) repairFlags(f *flag.FlagSet) {
	r := &c.Repair
	f.StringVar(&r.Policy, "policy", r.Policy, "which assignment keeps the slot: oldest, newest or most-advanced (default oldest)")
	list(f, &r.Order, "order", "`statuses` from the least to the most advanced (default: as in the lifecycle)")
	f.StringVar(&r.RetireTo, "retire-to", r.RetireTo, "the terminal `status` of the others (default cancelled, or the only terminal one)")
	f.StringVar(&r.NullStatus, "null-status", r.NullStatus, "the `status` that rows without one get (default: they are only reported)")
	f.Func("rewrite-status", "`old=new` for each status that the lifecycle does not know, separated by commas", r.setRewrite)
	f.IntVar(&r.BatchRows, "batch-rows", r.BatchRows, "how many rows one transaction locks (default 200)")
	f.StringVar(&r.AuditTable, "audit-table", r.AuditTable, "the `table` that records every change (default assignment_repairs)")
}

func (r *repairSettings) setRewrite(value string) error {
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

package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// options returns the options of package adopt.
func (c *config) options() (*adopt.Options, error) {
	l, err := c.Lifecycle.build()
	if err != nil {
		return nil, err
	}
	policy, err := c.Repair.policy()
	if err != nil {
		return nil, err
	}
	return &adopt.Options{
		Table:            c.table(),
		Policy:           assignment.Policy{Lifecycle: l},
		LockTimeout:      time.Duration(c.LockTimeout),
		WaitTimeout:      time.Duration(c.WaitTimeout),
		Sample:           c.Sample,
		CoarserThanIndex: c.CoarserThanIndex,
		Repair: &adopt.RepairOptions{
			Policy:     policy,
			RetireTo:   assignment.Status(c.Repair.RetireTo),
			NullStatus: assignment.Status(c.Repair.NullStatus),
			Rewrite:    rewrites(c.Repair.Rewrite),
			BatchRows:  c.Repair.BatchRows,
			AuditTable: c.Repair.AuditTable,
		},
	}, nil
}

func (c *config) table() *schema.Table {
	t := &schema.Table{Name: c.Table, DatabaseIDs: c.DatabaseIDs}
	if before, after, qualified := strings.Cut(c.Table, "."); qualified {
		t.Schema, t.Name = before, after
	}
	if c.Columns != (columns{}) {
		t.Columns = c.Columns.mapping()
	}
	for _, name := range c.ExtraColumns {
		// the command inserts nothing, so the value is never asked for
		t.Extra = append(t.Extra, schema.Extra{Column: name, Value: func(assignment.Assignment) (any, error) { return nil, nil }})
	}
	return t
}

// mapping fills in the names of the two columns that nearly every table names the same.
func (c columns) mapping() schema.Columns {
	usual := schema.DefaultColumns()
	c.ID, c.Status = cmp.Or(c.ID, usual.ID), cmp.Or(c.Status, usual.Status)
	return schema.Columns{
		ID: c.ID, AssigneeID: c.Assignee, SubjectID: c.Subject, Status: c.Status,
		AssignedBy: c.AssignedBy, AccountID: c.Account,
		DueAt: c.DueAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, CompletedAt: c.CompletedAt,
		Version: c.Version, Metadata: c.Metadata, Request: c.Request,
	}
}

func (r *repairSettings) policy() (adopt.Policy, error) {
	if len(r.Order) > 0 && r.Policy != "most-advanced" {
		return adopt.Policy{}, invalid("-order", "is only for -policy most-advanced")
	}
	switch r.Policy {
	case "", "oldest":
		return adopt.Oldest(), nil
	case "newest":
		return adopt.Newest(), nil
	case "most-advanced":
		return adopt.MostAdvanced(statuses(r.Order)...), nil
	default:
		return adopt.Policy{}, invalid("-policy", fmt.Sprintf("%q is not oldest, newest or most-advanced", r.Policy))
	}
}

func statuses(names []string) []assignment.Status {
	all := make([]assignment.Status, len(names))
	for i, name := range names {
		all[i] = assignment.Status(name)
	}
	return all
}

func rewrites(names map[string]string) map[assignment.Status]assignment.Status {
	all := make(map[assignment.Status]assignment.Status, len(names))
	for from, to := range names {
		all[assignment.Status(from)] = assignment.Status(to)
	}
	return all
}

func invalid(setting, reason string) error {
	return &assignment.InvalidError{Field: setting, Reason: reason}
}

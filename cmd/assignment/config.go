package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
	"github.com/assignment-go/assignment/postgres/schema"
)

// config is what -config and the flags set; a flag wins.
type config struct {
	DatabaseURL      string    `json:"database_url"`
	Table            string    `json:"table"`
	Columns          columns   `json:"columns"`
	ExtraColumns     []string  `json:"extra_columns"`
	DatabaseIDs      bool      `json:"database_ids"`
	CoarserThanIndex bool      `json:"coarser_than_index"`
	Lifecycle        lifecycle `json:"lifecycle"`
	Repair           repairing `json:"repair"`
	LockTimeout      duration  `json:"lock_timeout"`
	WaitTimeout      duration  `json:"wait_timeout"`
	Sample           int       `json:"sample"`
}

type columns struct {
	ID          string `json:"id"`
	Assignee    string `json:"assignee"`
	Subject     string `json:"subject"`
	Status      string `json:"status"`
	AssignedBy  string `json:"assigned_by"`
	Account     string `json:"account"`
	DueAt       string `json:"due_at"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
	CompletedAt string `json:"completed_at"`
	Version     string `json:"version"`
	Metadata    string `json:"metadata"`
	Request     string `json:"request"`
}

// lifecycle is a preset by name, or statuses.
type lifecycle struct {
	Preset   string   `json:"preset"`
	Initial  string   `json:"initial"`
	Active   []string `json:"active"`
	Terminal []string `json:"terminal"`
}

type repairing struct {
	Policy     string            `json:"policy"`
	Order      []string          `json:"order"`
	RetireTo   string            `json:"retire_to"`
	NullStatus string            `json:"null_status"`
	Rewrite    map[string]string `json:"rewrite_status"`
	BatchRows  int               `json:"batch_rows"`
	AuditTable string            `json:"audit_table"`
}

// duration is written as in "250ms".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// load reads a file in which every member is known and given once.
func load(path string) (config, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return config{}, fmt.Errorf("-config: %w", err)
	}
	c, err := parseConfig(text)
	if err != nil {
		return config{}, fmt.Errorf("-config %s: %w", path, err)
	}
	return c, nil
}

func parseConfig(text []byte) (c config, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("there is more than one value in the file")
	}
	return c, rejectDuplicates(text)
}

// options turns the configuration into that of package adopt.
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
		// the command inserts nothing, so nobody asks for the value
		t.Extra = append(t.Extra, schema.Extra{Column: name, Value: func(assignment.Assignment) (any, error) { return nil, nil }})
	}
	return t
}

// mapping names the two columns that nearly every table calls alike.
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

func (r *repairing) policy() (adopt.Policy, error) {
	if len(r.Order) > 0 && r.Policy != "most-advanced" {
		return adopt.Policy{}, invalid("-order", "is for -policy most-advanced")
	}
	switch r.Policy {
	case "", "oldest":
		return adopt.Oldest(), nil
	case "newest":
		return adopt.Newest(), nil
	case "most-advanced":
		return adopt.MostAdvanced(statuses(r.Order)...), nil
	default:
		return adopt.Policy{}, invalid("-policy", fmt.Sprintf("%q is none of oldest, newest and most-advanced", r.Policy))
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

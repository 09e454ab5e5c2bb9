package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// config has the settings of -config and the flags; a flag overrides the file.
type config struct {
	DatabaseURL      string         `json:"database_url"`
	Table            string         `json:"table"`
	Columns          columns        `json:"columns"`
	ExtraColumns     []string       `json:"extra_columns"`
	DatabaseIDs      bool           `json:"database_ids"`
	CoarserThanIndex bool           `json:"coarser_than_index"`
	Lifecycle        lifecycle      `json:"lifecycle"`
	Repair           repairSettings `json:"repair"`
	LockTimeout      duration       `json:"lock_timeout"`
	WaitTimeout      duration       `json:"wait_timeout"`
	Sample           int            `json:"sample"`
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

type repairSettings struct {
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

// UnmarshalText reads the duration of a configuration file.
func (d *duration) UnmarshalText(text []byte) error { return d.set(string(text)) }

func (d *duration) set(text string) error {
	parsed, err := time.ParseDuration(text)
	*d = duration(parsed)
	return err
}

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

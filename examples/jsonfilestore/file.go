package jsonfilestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/assignment-go/assignment"
)

const (
	fileName = "assignments.json"
	lockName = "assignments.lock"
)

// read returns the data of the file at one moment: each write replaces the whole
// file by a rename.
func (s *Store) read(ctx context.Context) (*data, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(s.dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return &data{Terminal: s.policy.Lifecycle.Terminal()}, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	d := &data{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, unavailable(fmt.Errorf("%s: %w", fileName, err))
	}
	return d, s.guarded(d)
}

// guarded returns an error when the file was written with other terminal statuses.
func (s *Store) guarded(d *data) error {
	want, got := s.policy.Lifecycle.Terminal(), slices.Sorted(slices.Values(d.Terminal))
	if slices.Equal(got, want) {
		return nil
	}
	return &assignment.GuardError{Table: s.dir, Findings: []assignment.GuardFinding{{
		Problem: "terminal_statuses",
		Detail:  fmt.Sprintf("%s was written with the terminal statuses %q, the lifecycle has %q", fileName, got, want),
	}}}
}

// write applies change to the current data and saves the result. It excludes all
// other writers, in this process and in others.
func (s *Store) write(ctx context.Context, id assignment.ID, change func(*data) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	unlock, err := lock(ctx, filepath.Join(s.dir, lockName))
	if err != nil {
		return err
	}
	defer unlock()
	d, err := s.read(ctx)
	if err != nil {
		return err
	}
	if err := change(d); err != nil || !d.changed {
		return err
	}
	return s.save(id, d)
}

// save replaces the file. Before the rename nothing has been written; after it every
// caller sees the new data, whether or not the context has ended by then.
func (s *Store) save(id assignment.ID, d *data) error {
	text, err := json.Marshal(d)
	if err != nil {
		return unavailable(err)
	}
	path := filepath.Join(s.dir, fileName)
	// There is one writer at a time, so one name is enough. It overwrites a file
	// that a crashed writer has left.
	if err := writeSynced(path+".new", text); err != nil {
		return unavailable(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return unavailable(err)
	}
	if err := syncDir(s.dir); err != nil {
		// The change is visible, but a power failure may undo it.
		return &assignment.UnknownOutcomeError{ID: id, Err: err}
	}
	return nil
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the host names the directory
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the host names the directory
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

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

// read returns the file as it is at one moment: a rename puts each state in
// place whole.
func (s *Store) read(ctx context.Context) (*book, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(s.dir, fileName))
	if errors.Is(err, fs.ErrNotExist) {
		return &book{Terminal: s.policy.Lifecycle.Terminal()}, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	b := &book{}
	if err := json.Unmarshal(text, b); err != nil {
		return nil, unavailable(fmt.Errorf("%s: %w", fileName, err))
	}
	return b, s.guarded(b)
}

// guarded refuses a file that was written under another rule of what is active.
func (s *Store) guarded(b *book) error {
	want, got := s.policy.Lifecycle.Terminal(), slices.Sorted(slices.Values(b.Terminal))
	if slices.Equal(got, want) {
		return nil
	}
	return &assignment.GuardError{Table: s.dir, Findings: []assignment.GuardFinding{{
		Problem: "terminal_statuses",
		Detail:  fmt.Sprintf("%s was written with the terminal statuses %q, the lifecycle has %q", fileName, got, want),
	}}}
}

// write lets change work on the present state and puts the result in place.
// Nobody else writes meanwhile, in this process or in another one.
func (s *Store) write(ctx context.Context, id assignment.ID, change func(*book) error) error {
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
	b, err := s.read(ctx)
	if err != nil {
		return err
	}
	if err := change(b); err != nil || !b.changed {
		return err
	}
	return s.save(id, b)
}

// save replaces the file. Until the rename nothing has been written; after it
// everybody sees the new state, whether or not the context has ended by then.
func (s *Store) save(id assignment.ID, b *book) error {
	text, err := json.Marshal(b)
	if err != nil {
		return unavailable(err)
	}
	path := filepath.Join(s.dir, fileName)
	// One writer at a time, so one name is enough; what a crashed one left is
	// overwritten.
	if err := writeSynced(path+".new", text); err != nil {
		return unavailable(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return unavailable(err)
	}
	if err := syncDir(s.dir); err != nil {
		// Visible, but a power failure may undo it.
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

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the host names the directory
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

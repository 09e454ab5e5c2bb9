package jsonfilestore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
	"github.com/assignment-go/assignment/examples/jsonfilestore"
)

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	var places atomic.Int64
	conformance.Run(t, conformance.Harness{
		// Every write syncs to disk twice, so that a full run would take too long.
		Quick: true, Timeout: 5 * time.Minute,
		Open: func(ctx context.Context, p assignment.Policy) (conformance.Backend, error) {
			place := filepath.Join(dir, strconv.FormatInt(places.Add(1), 10))
			first, err := jsonfilestore.New(ctx, place, &jsonfilestore.Options{Policy: p})
			if err != nil {
				return conformance.Backend{}, err
			}
			second, err := jsonfilestore.New(ctx, place, &jsonfilestore.Options{Policy: p})
			if err != nil {
				return conformance.Backend{}, err
			}
			return conformance.Backend{Store: first, Second: second, Plant: planter(first)}, nil
		},
	})
}

// planter uses Create, which stores any status.
func planter(store *jsonfilestore.Store) func(context.Context, assignment.Assignment) error {
	return func(ctx context.Context, a assignment.Assignment) error {
		_, err := store.Create(ctx, a)
		return err
	}
}

func TestNew(t *testing.T) {
	t.Run("terminal_statuses_other_than_those_of_the_file_are_unguarded", func(t *testing.T) {
		dir := t.TempDir()
		if err := create(t.Context(), dir, "ana"); err != nil {
			t.Fatal(err)
		}
		other := assignment.CompletedOnlyLifecycle()
		_, err := jsonfilestore.New(t.Context(), dir, &jsonfilestore.Options{Policy: assignment.Policy{Lifecycle: other}})
		if !errors.Is(err, assignment.ErrUnguarded) {
			t.Errorf("got %v, want ErrUnguarded", err)
		}
	})
	t.Run("a_file_that_is_not_json_is_unavailable", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "assignments.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := jsonfilestore.New(t.Context(), dir, nil); !errors.Is(err, assignment.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	})
	t.Run("a_file_that_a_crashed_writer_left_is_ignored", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "assignments.json.new"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := create(t.Context(), dir, "ana"); err != nil {
			t.Errorf("got %v, want success", err)
		}
	})
}

// create opens a new store and takes the slot of the assignee.
func create(ctx context.Context, dir, assignee string) error {
	store, err := jsonfilestore.New(ctx, dir, nil)
	if err != nil {
		return err
	}
	service, err := assignment.NewService(store, nil)
	if err != nil {
		return err
	}
	_, err = service.Create(ctx, assignment.CreateParams{Key: assignment.Key{AssigneeID: assignee, SubjectID: "intake"}})
	return err
}

// dirVariable makes this test binary one of the competing processes.
const dirVariable = "JSONFILESTORE_TEST_DIR"

// slots is how many keys the processes compete for.
const slots = 40

// TestMain runs the tests, or competes if dirVariable is set.
func TestMain(m *testing.M) {
	if dir := os.Getenv(dirVariable); dir != "" {
		os.Exit(compete(dir))
	}
	os.Exit(m.Run())
}

// compete prints a line for each slot that this process takes.
func compete(dir string) (status int) {
	for i := range slots {
		err := create(context.Background(), dir, strconv.Itoa(i))
		if err == nil {
			fmt.Printf("got %d\n", i)
		} else if !errors.Is(err, assignment.ErrActiveExists) {
			fmt.Println(err)
			status = 1
		}
	}
	return status
}

func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	outputs := make([][]byte, 4)
	var running sync.WaitGroup
	for i := range outputs {
		running.Go(func() {
			process := exec.CommandContext(t.Context(), os.Args[0])
			process.Env = append(os.Environ(), dirVariable+"="+dir)
			output, err := process.CombinedOutput()
			if err != nil {
				t.Errorf("a process failed: %v\n%s", err, output)
			}
			outputs[i] = output
		})
	}
	running.Wait()
	all := string(bytes.Join(outputs, nil))
	for i := range slots {
		if n := strings.Count(all, fmt.Sprintf("got %d\n", i)); n != 1 {
			t.Errorf("%d processes got slot %d, want 1", n, i)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/assignment-go/assignment"
)

// tour takes a slot, gets a conflict, frees the slot and takes it again.
func tour(ctx context.Context, w io.Writer, svc *assignment.Service, who person) error {
	key := assignment.Key{AssigneeID: who.id, SubjectID: "intake"}
	fmt.Fprintf(w, "key    assignee %q, subject %q\n\n", who.name, key.SubjectID)
	out := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	out.row("CALL", "RESULT", "ASSIGNMENT", "STATUS", "MEANING")

	first, err := svc.Create(ctx, assignment.CreateParams{Key: key})
	if err != nil {
		return err
	}
	out.assignment("Create", "created", first, "the slot is taken")

	_, err = svc.Create(ctx, assignment.CreateParams{Key: key})
	conflict, ok := errors.AsType[*assignment.ActiveExistsError](err)
	if !ok {
		return fmt.Errorf("second create: got %w, want a conflict", err)
	}
	out.assignment("Create", "conflict", conflict.Existing, "the error carries the holder")

	done, err := svc.Complete(ctx, first.ID)
	if err != nil {
		return err
	}
	out.assignment("Complete", "changed", done, "the slot is free")

	second, err := svc.Create(ctx, assignment.CreateParams{Key: key})
	if err != nil {
		return err
	}
	out.assignment("Create", "created", second, "a new one; the first is history")
	return out.Flush()
}

// table prints the result of each call, in columns.
type table struct {
	*tabwriter.Writer
}

func (t table) assignment(call, result string, a assignment.Assignment, meaning string) {
	t.row(call, result, string(a.ID), string(a.Status), meaning)
}

func (t table) row(call, result, id, status, meaning string) {
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", call, result, id, status, meaning)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres"
	"github.com/assignment-go/assignment/postgres/schema"
)

func migrate(ctx context.Context, c *command) (int, error) {
	lifecycle, err := c.Lifecycle.build()
	if err != nil {
		return 0, err
	}
	if c.apply {
		if c.dir != "" {
			return 0, errors.New("-apply and -dir contradict each other")
		}
		pool, err := c.connect(ctx)
		if err != nil {
			return 0, err
		}
		defer pool.Close()
		return exitFine, postgres.Migrate(ctx, pool, &postgres.Options{Policy: assignment.Policy{Lifecycle: lifecycle}, Table: c.table()})
	}
	files, err := schema.Layout(c.layout).Files(lifecycle)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if err := c.write(file); err != nil {
			return 0, err
		}
	}
	return exitFine, nil
}

// write never overwrites a file: a migration that was applied must not change.
func (c *command) write(file schema.File) error {
	if c.dir == "" {
		fmt.Fprintf(c.out, "-- file: %s\n%s\n", file.Name, file.SQL)
		return nil
	}
	path := filepath.Join(c.dir, file.Name)
	created, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a migration is no secret
	if err != nil {
		return err
	}
	if _, err := created.WriteString(file.SQL); err != nil {
		return errors.Join(err, created.Close())
	}
	fmt.Fprintln(c.out, path)
	return created.Close()
}

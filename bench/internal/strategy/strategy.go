// Package strategy holds the strategies: each is a way to create an assignment
// only if its key has no active one.
//
// They are written as a careful user of pgx would write them: prepared statements,
// the same columns, an index for every lookup, and no unnecessary round trip. The
// fix and the floor return the row of the holder, as the SDK does; the other
// strategies without the SDK only return whether the row was created, which is
// never more work.
package strategy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/stage"
)

// Request is what to create.
type Request struct {
	AssigneeID, SubjectID string
	AssignedBy, AccountID string
	DueAt                 time.Time
}

// Outcome is the result of a request.
type Outcome struct {
	// Created is true for a new row and false for a conflict.
	Created bool
	// Retries is how often the strategy itself retried.
	Retries int
}

// Creator handles requests. It is safe for concurrent use.
type Creator interface {
	// Create returns an error if the outcome is neither created nor a conflict.
	Create(ctx context.Context, r Request) (Outcome, error)
}

// Strategy is a way to create an assignment.
type Strategy struct {
	// Name is used by -only and JSON, Title in tables and plots.
	Name, Title string
	Class       result.Class
	// Unguarded strategies use a table without the unique index.
	Unguarded bool
	// HidesRetries means that Outcome.Retries is not set. The number of retries then
	// follows from the round trips.
	HidesRetries bool
	// Open prepares it for one table of the stage.
	Open func(ctx context.Context, s *stage.Stage, table string) (Creator, error)
}

// The names of strategies that the figures compare.
const (
	NameFix     = "fix"
	NameFloor   = "raw"
	NameService = "sdk-pgx"
	NameRiver   = "river"
)

// All returns all strategies, in the order of the reports.
func All() []Strategy {
	return []Strategy{
		{Name: "check", Title: "check, then create", Class: result.Vulnerable, Unguarded: true, Open: openCheck},
		{Name: "tx", Title: "the same in a READ COMMITTED transaction", Class: result.Vulnerable, Unguarded: true, Open: openTransaction},
		{Name: "serializable", Title: "the same, SERIALIZABLE with retry", Class: result.Safe, Unguarded: true, Open: openSerializable},
		{Name: "advisory", Title: "advisory lock, check, create", Class: result.Safe, Unguarded: true, Open: openAdvisory},
		{Name: NameFix, Title: "the usual fix: check, index, catch", Class: result.Fix, Open: openFix},
		{Name: "fix-lean", Title: "the same, without returning the holder", Class: result.Safe, Open: openLeanFix},
		{Name: "insert", Title: "index, insert, catch", Class: result.Safe, Open: openInsert},
		{Name: NameFloor, Title: "one raw statement, by hand (the floor)", Class: result.Floor, Open: openRaw},
		{Name: NameService, Title: "Service.Create, pgx", Class: result.SDK, HidesRetries: true, Open: openPgx},
		{Name: "sdk-pgx-coalesce", Title: "Service.Create, pgx, with Coalesce", Class: result.SDK, HidesRetries: true, Open: openCoalesced},
		{Name: "sdk-sqlx-pgx", Title: "Service.Create, sqlx on pgx", Class: result.SDK, HidesRetries: true, Open: openSqlxPgx},
		{Name: "sdk-pq", Title: "Service.Create, lib/pq", Class: result.SDK, HidesRetries: true, Open: openPQ},
		{Name: "sdk-sqlx-pq", Title: "Service.Create, sqlx on lib/pq", Class: result.SDK, HidesRetries: true, Open: openSqlxPQ},
		{Name: NameRiver, Title: "River, unique insert (a peer)", Class: result.Peer, Open: openRiver},
	}
}

// newID makes an ID as the SDK does, so that its cost is the same for all.
func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

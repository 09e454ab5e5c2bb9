// Package strategy holds the contenders: each a way to create an assignment
// only if its key has no active one.
//
// They are written as a careful user of pgx would: prepared statements, which
// the pool caches; the same columns; an index for every look; no round trip
// that its idea does not need. The fix and the floor answer as the SDK does, with
// the row of the holder; the other ways without the SDK answer only whether the
// row was created, which is less and never more work.
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

// Answer is what became of a request.
type Answer struct {
	// Created tells a new row from a conflict.
	Created bool
	// Retries is how often the strategy itself had to start again.
	Retries int
}

// Creator handles requests. It is safe for concurrent use.
type Creator interface {
	// Create returns an error for what is neither created nor a conflict.
	Create(ctx context.Context, r Request) (Answer, error)
}

// Strategy is a contender before it is opened.
type Strategy struct {
	// Name is for -only and JSON, Title for people.
	Name, Title string
	Class       result.Class
	// Unguarded strategies work on a table without the unique index.
	Unguarded bool
	// HidesRetries says that the strategy starts again without telling; the
	// wire tells how often.
	HidesRetries bool
	// Open prepares it for one table of the stage.
	Open func(ctx context.Context, s *stage.Stage, table string) (Creator, error)
}

// Names that other packages look for.
const (
	NameFix     = "fix"
	NameFloor   = "raw"
	NameService = "sdk-pgx"
	NameRiver   = "river"
)

// All returns the contenders in the order of the reports.
func All() []Strategy {
	return []Strategy{
		{Name: "check", Title: "check, then create", Class: result.Vulnerable, Unguarded: true, Open: openCheck},
		{Name: "tx", Title: "the same in a READ COMMITTED transaction", Class: result.Vulnerable, Unguarded: true, Open: openTransaction},
		{Name: "serializable", Title: "the same, SERIALIZABLE with retry", Class: result.Safe, Unguarded: true, Open: openSerializable},
		{Name: "advisory", Title: "advisory lock, check, create", Class: result.Safe, Unguarded: true, Open: openAdvisory},
		{Name: NameFix, Title: "the incident's fix: check, index, catch", Class: result.Fix, Open: openFix},
		{Name: "fix-lean", Title: "the same, without telling who holds it", Class: result.Safe, Open: openLeanFix},
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

// newID makes IDs as the SDK does, so that all pay the same for it.
func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

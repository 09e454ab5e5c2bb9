package schema

import (
	"fmt"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/internal/sqltext"
)

// Guard describes the index that was found to keep the guarantee, and what the
// check relied on.
type Guard struct {
	// Table is the table that was verified, quoted and with its schema. From then
	// on the store names it like that in every statement, whatever search_path a
	// session has.
	Table string
	// Index is its name. The SDK does not rely on it.
	Index string
	// Definition is the statement that recreates it, as PostgreSQL prints it.
	Definition string
	// Predicate is its condition, as PostgreSQL normalised it.
	Predicate string
	// Expected is the condition rendered from the lifecycle; the same text as
	// Predicate when Exact.
	Expected string
	// Exact is true when the index is just what the SDK would create. False
	// means an equivalent: worth a look, since its wording could drift apart
	// from the lifecycle.
	Exact bool
	// Warnings are findings that don't break the guarantee but have a consequence
	// that the host should know, such as a unique index of its own that rejects
	// what the lifecycle allows.
	Warnings []assignment.GuardFinding
	// Session is what the check saw of the session that it ran in. It holds for
	// all sessions of the store only as far as they are set up alike.
	Session Session
}

// Session is the role and the settings of a session that a check depends on.
type Session struct {
	// Role is the role that the statements ran as.
	Role string
	// ServerEncoding and ClientEncoding must both be UTF8.
	ServerEncoding, ClientEncoding string
	// RowSecurity is true when row-level security filters what the role sees of
	// the table.
	RowSecurity bool
}

// String says which index guards the slot, and shows both predicates when they
// are only equivalent.
func (g Guard) String() string {
	if g.Exact {
		return fmt.Sprintf("guarded by index %s where %s", sqltext.Quote(g.Index), g.Predicate)
	}
	return fmt.Sprintf("guarded by index %s where %s, which is equivalent to the expected %s",
		sqltext.Quote(g.Index), g.Predicate, g.Expected)
}

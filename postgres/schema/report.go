package schema

import "fmt"

// Guard describes the index that was found to keep the guarantee.
type Guard struct {
	// Index is its name. The SDK does not rely on it.
	Index string
	// Definition is the statement that recreates it, as PostgreSQL prints it.
	Definition string
	// Predicate is its condition, as PostgreSQL normalised it.
	Predicate string
	// Expected is the condition rendered from the lifecycle, normalised alike.
	Expected string
	// Exact is true when the index is just what the SDK would create. False
	// means an equivalent: worth a look, since its wording could drift apart
	// from the lifecycle.
	Exact bool
}

// String says which index guards the slot, and shows both predicates when they
// are only equivalent.
func (g Guard) String() string {
	if g.Exact {
		return fmt.Sprintf("guarded by index %s where %s", Quote(g.Index), g.Predicate)
	}
	return fmt.Sprintf("guarded by index %s where %s, which is equivalent to the expected %s",
		Quote(g.Index), g.Predicate, g.Expected)
}

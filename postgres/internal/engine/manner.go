package engine

// manner is how a statement deals with what keeps it from doing its work.
type manner int

const (
	// usual statements answer a taken slot with its holder, without a violation.
	usual manner = iota
	// plain statements let the server say what is in the way. They tell rows that
	// a trigger suppressed or a policy hides from slots that were lost to somebody.
	plain
)

// twofold is a statement in both manners.
type twofold struct {
	usual, plain statement
	// lock goes before the plain one, in the same transaction; empty for none.
	lock statement
}

// maxEmpty is how many statements may answer nothing. The first can have missed
// a winner that committed after its snapshot; the next one sees that winner, or
// that the slot is free again. When it answers nothing either, then something
// else is in the way.
const maxEmpty = 2

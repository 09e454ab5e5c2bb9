package pgdb

// RowKind is what a statement returns a row as. The kinds are the same in all
// statements.
type RowKind int32

// The kinds of rows.
const (
	// RowRead is a row that a statement only reads.
	RowRead RowKind = iota
	// RowCreated is the new row.
	RowCreated
	// RowHolder holds the requested slot.
	RowHolder
	// RowExisting has the ID of the new row already.
	RowExisting
	// RowRetired is the former holder of the slot, which a replace has retired.
	RowRetired
	// RowChanged is the row after its change.
	RowChanged
	// RowCurrent is the row that was to be changed, as the snapshot shows it.
	RowCurrent
	// RowRejected has the ID and the key of a row of a batch that was not created.
	// Those that were are only returned when they may differ from what was sent.
	RowRejected
)

package assignment

import "github.com/assignment-go/assignment/internal/fingerprint"

// SameRequest reports whether a Create of b, when a is stored under its ID,
// repeats the call that created a: by the fingerprints in Request, or where one
// is missing by ID and SubjectID, which no call can change.
func (a Assignment) SameRequest(b Assignment) bool {
	if a.ID != b.ID {
		return false
	}
	if a.Request != "" && b.Request != "" {
		return a.Request == b.Request
	}
	return a.Key.SubjectID == b.Key.SubjectID
}

// requestOf is the fingerprint of what the creator of a asked for. Stored rows
// are compared by it for years: the same request must have the same fingerprint
// in every release. So an attribute that is not there leaves no trace, and one
// that the SDK learns of later changes nothing for requests without it.
func requestOf(a *Assignment) string {
	b := make([]byte, 0, 512) // on the stack, enough for most
	b = fingerprint.AppendText(b, 'k', a.Key.AssigneeID)
	b = fingerprint.AppendText(b, 's', a.Key.SubjectID)
	if a.AssignedBy != "" {
		b = fingerprint.AppendText(b, 'b', a.AssignedBy)
	}
	if a.AccountID != "" {
		b = fingerprint.AppendText(b, 'a', a.AccountID)
	}
	if !a.DueAt.IsZero() {
		b = fingerprint.AppendNumber(b, 'd', uint64(a.DueAt.UnixMicro())) // any bijection will do
	}
	if len(a.Metadata) > 0 {
		b = fingerprint.AppendObject(append(b, 'm'), a.Metadata)
	}
	return fingerprint.Sum(b)
}

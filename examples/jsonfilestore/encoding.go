package jsonfilestore

import (
	"encoding/json"

	"github.com/assignment-go/assignment"
)

// page is a book as the file has it.
type page struct {
	Terminal    []assignment.Status `json:"terminal"`
	Assignments []line              `json:"assignments"`
}

// line adds what the JSON of an Assignment, which is for clients, leaves out.
type line struct {
	assignment.Assignment
	Request string `json:"request,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (b *book) MarshalJSON() ([]byte, error) {
	p := page{Terminal: b.Terminal, Assignments: make([]line, len(b.Assignments))}
	for i, a := range b.Assignments {
		p.Assignments[i] = line{Assignment: a, Request: a.Request}
	}
	return json.Marshal(p)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (b *book) UnmarshalJSON(text []byte) error {
	var p page
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	b.Terminal, b.Assignments = p.Terminal, make([]assignment.Assignment, len(p.Assignments))
	for i, l := range p.Assignments {
		b.Assignments[i] = l.Assignment
		b.Assignments[i].Request = l.Request
	}
	return nil
}

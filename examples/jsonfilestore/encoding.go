package jsonfilestore

import (
	"encoding/json"

	"github.com/assignment-go/assignment"
)

// page is the JSON form of the data.
type page struct {
	Terminal    []assignment.Status `json:"terminal"`
	Assignments []line              `json:"assignments"`
}

// line adds Request, which is not in the JSON of an Assignment.
type line struct {
	assignment.Assignment
	Request string `json:"request,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (d *data) MarshalJSON() ([]byte, error) {
	p := page{Terminal: d.Terminal, Assignments: make([]line, len(d.Assignments))}
	for i, a := range d.Assignments {
		p.Assignments[i] = line{Assignment: a, Request: a.Request}
	}
	return json.Marshal(p)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (d *data) UnmarshalJSON(text []byte) error {
	var p page
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	d.Terminal, d.Assignments = p.Terminal, make([]assignment.Assignment, len(p.Assignments))
	for i, l := range p.Assignments {
		d.Assignments[i] = l.Assignment
		d.Assignments[i].Request = l.Request
	}
	return nil
}

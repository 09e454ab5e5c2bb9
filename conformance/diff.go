package conformance

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

// diff tells in which attributes two rows differ; empty when in none.
func diff(got, want assignment.Assignment) string {
	d := &difference{}
	d.compare("ID", got.ID, want.ID)
	d.compare("Key", got.Key, want.Key)
	d.compare("Status", got.Status, want.Status)
	d.compare("AssignedBy", got.AssignedBy, want.AssignedBy)
	d.compare("AccountID", got.AccountID, want.AccountID)
	d.compareTime("DueAt", got.DueAt, want.DueAt)
	d.compareTime("CreatedAt", got.CreatedAt, want.CreatedAt)
	d.compareTime("UpdatedAt", got.UpdatedAt, want.UpdatedAt)
	d.compareTime("CompletedAt", got.CompletedAt, want.CompletedAt)
	d.compare("Version", got.Version, want.Version)
	d.compareMetadata(got.Metadata, want.Metadata)
	return strings.Join(d.found, "; ")
}

type difference struct {
	found []string
}

func (d *difference) add(field string, got, want any) {
	d.found = append(d.found, fmt.Sprintf("%s is %s, want %s", field, shown(got), shown(want)))
}

func (d *difference) compare(field string, got, want any) {
	if got != want {
		d.add(field, got, want)
	}
}

// compareTime also wants UTC, which callers print and compare by.
func (d *difference) compareTime(field string, got, want time.Time) {
	if !got.Equal(want) || got.Location() != time.UTC {
		d.add(field, got.Format(time.RFC3339Nano), want.Format(time.RFC3339Nano))
	}
}

func (d *difference) compareMetadata(got, want map[string]any) {
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		d.add("Metadata", got, want)
	}
}

// shown keeps a message readable when a value is long.
func shown(v any) string {
	const most = 300
	text := fmt.Sprintf("%+q", v)
	if _, isText := v.(fmt.Stringer); !isText && reflect.TypeOf(v) != nil && reflect.TypeOf(v).Kind() != reflect.String {
		text = fmt.Sprintf("%+v", v)
	}
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

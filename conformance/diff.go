package conformance

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/assignment-go/assignment"
)

// diff lists the attributes in which two rows differ; it is empty when they are equal.
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
	d.compare("Version", strconv.FormatInt(got.Version, 10), strconv.FormatInt(want.Version, 10))
	d.compareMetadata(got.Metadata, want.Metadata)
	d.compareRequest(got.Request, want.Request)
	return strings.Join(d.found, "; ")
}

type difference struct {
	found []string
}

func (d *difference) add(field, got, want string) {
	d.found = append(d.found, fmt.Sprintf("%s is %s, want %s", field, short(got), short(want)))
}

func (d *difference) compare(field string, got, want any) {
	if got != want {
		d.add(field, fmt.Sprintf("%+q", got), fmt.Sprintf("%+q", want))
	}
}

// compareTime also wants UTC, in which callers print and compare times.
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
		d.add("Metadata", fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want))
	}
}

// compareRequest adds a hint to a missing fingerprint: a driver that can't store it has
// to declare that, since there is no call that could return ErrUnsupported.
func (d *difference) compareRequest(got, want string) {
	d.compare("Request", got, want)
	if got == "" && want != "" {
		d.found[len(d.found)-1] += " (a driver that can't store it declares AbilityRequest in Harness.Absent)"
	}
}

// short truncates a long text, so that a message stays readable.
func short(text string) string {
	const most = 400
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

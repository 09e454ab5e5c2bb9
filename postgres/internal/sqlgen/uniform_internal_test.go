package sqlgen

import (
	"reflect"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

// TestUniform goes through every field of an assignment, also those that are added
// later: a batch whose rows differ in one that isLike does not know would store the
// value of its first row for all.
func TestUniform(t *testing.T) {
	// These are not sent once for all: each row has its own, or the insert writes a
	// constant.
	own := map[string]bool{"ID": true, "Key": true, "Request": true, "Status": true, "CompletedAt": true, "Version": true}

	for field := range reflect.TypeFor[assignment.Assignment]().Fields() {
		if own[field.Name] {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			var row, other Input
			value := reflect.ValueOf(&other.Row).Elem().FieldByIndex(field.Index)
			switch {
			case field.Name == "Metadata":
				other.metadata = `{"a":1}` // compared as it is sent
			case value.Kind() == reflect.String:
				value.SetString("other")
			case value.CanInt():
				value.SetInt(1)
			case field.Type == reflect.TypeFor[time.Time]():
				value.Set(reflect.ValueOf(time.Unix(1, 0)))
			default:
				t.Fatalf("no other value for a %s: add one", field.Type)
			}
			if other.isLike(&row) {
				t.Errorf("rows that differ in %s count as uniform", field.Name)
			}
		})
	}
}

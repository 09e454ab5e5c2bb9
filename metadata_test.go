package assignment_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
)

// What becomes of each kind of value is tested in internal/jsonvalue.
func TestMetadata(t *testing.T) {
	create := func(t *testing.T, m map[string]any) (assignment.Assignment, error) {
		t.Helper()
		return newService(t).Create(t.Context(), assignment.CreateParams{
			Key: assignment.Key{AssigneeID: "a", SubjectID: "s"}, Metadata: m,
		})
	}
	t.Run("comes_back_as_decoded_json", func(t *testing.T) {
		a, err := create(t, map[string]any{"n": 1, "tags": []string{"x"}})
		if want := map[string]any{"n": 1.0, "tags": []any{"x"}}; err != nil || !reflect.DeepEqual(a.Metadata, want) {
			t.Errorf("got %#v and %v, want %#v", a.Metadata, err, want)
		}
	})
	t.Run("empty_is_nil", func(t *testing.T) {
		if a, err := create(t, map[string]any{}); err != nil || a.Metadata != nil {
			t.Errorf("got %#v and %v", a.Metadata, err)
		}
	})
	t.Run("that_would_be_rounded_is_invalid", func(t *testing.T) {
		_, err := create(t, map[string]any{"id": int64(1)<<53 + 1})
		wantInvalid(t, err, "Metadata")
	})
	t.Run("that_is_too_long_is_invalid", func(t *testing.T) {
		_, err := create(t, map[string]any{"v": strings.Repeat("x", assignment.MaxMetadataBytes)})
		wantInvalid(t, err, "Metadata")
	})
}

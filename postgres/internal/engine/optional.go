package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/assignment-go/assignment"
)

func optionalText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func optionalTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func encodeMetadata(m map[string]any) (string, error) {
	if len(m) == 0 {
		return "", nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return "", &assignment.InvalidError{Field: "Metadata", Reason: fmt.Sprintf("is not JSON: %v", err)}
	}
	return string(encoded), nil
}

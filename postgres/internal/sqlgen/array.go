package sqlgen

import (
	"strings"
	"time"
)

// array builds an array literal. Parameters in this form mean the same to every
// driver and in every protocol mode. No element is NULL: with array_nulls = off
// the server would read it as the text "NULL".
type array struct {
	text strings.Builder
	// present is set by the first element that is not empty.
	present bool
}

// grow makes room for elements of that many bytes in all, which saves copies.
func (a *array) grow(elements, bytes int) {
	const quotesAndComma = 3
	a.text.Grow(bytes + elements*quotesAndComma + len("{}"))
}

// separate begins the literal, or goes on with it.
func (a *array) separate() {
	if a.text.Len() == 0 {
		a.text.WriteByte('{')
		return
	}
	a.text.WriteByte(',')
}

// add appends an element. The empty string is how the domain says "none", and
// becomes NULL where the statement reads it.
func (a *array) add(element string) {
	a.separate()
	a.present = a.present || element != ""
	a.text.WriteByte('"')
	a.text.WriteString(escaped(element))
	a.text.WriteByte('"')
}

// escaped searches for the two bytes one after the other: a search for one is
// fast.
func escaped(element string) string {
	if strings.IndexByte(element, '\\') >= 0 {
		element = strings.ReplaceAll(element, `\`, `\\`)
	}
	if strings.IndexByte(element, '"') >= 0 {
		element = strings.ReplaceAll(element, `"`, `\"`)
	}
	return element
}

func (a *array) addTime(t time.Time) {
	if t.IsZero() {
		a.add("")
		return
	}
	a.add(t.UTC().Format("2006-01-02 15:04:05.999999Z07:00"))
}

// String returns the literal, to which nothing can be added any more. One in
// which every element is empty has none: unnest fills the shorter array up with
// NULL, so that neither side handles the elements.
func (a *array) String() string {
	if !a.present {
		return "{}"
	}
	a.text.WriteByte('}')
	return a.text.String()
}

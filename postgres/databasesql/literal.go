package databasesql

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// writeLiteral writes the value as a literal without a type, which the server
// takes for what the place asks for, as it does with a parameter.
//
//nolint:revive // flag-parameter: bytea is the type that the place asks for
func writeLiteral(out *strings.Builder, value driver.Value, bytea bool) error {
	switch v := value.(type) {
	case nil:
		out.WriteString("NULL")
		return nil
	case int64:
		return quote(out, strconv.FormatInt(v, 10))
	case float64:
		return quote(out, strconv.FormatFloat(v, 'f', -1, 64))
	case bool:
		return quote(out, strconv.FormatBool(v))
	case time.Time:
		return quote(out, timestamp(v))
	case string:
		if bytea {
			return quoteBytes(out, []byte(v))
		}
		return quote(out, v)
	case []byte:
		switch {
		case v == nil:
			out.WriteString("NULL")
			return nil
		case bytea:
			return quoteBytes(out, v)
		default:
			return quote(out, string(v))
		}
	default:
		return fmt.Errorf("%T can't be written as a literal", value)
	}
}

// quote writes a literal that means the same under any setting of
// standard_conforming_strings and in any encoding.
func quote(out *strings.Builder, s string) error {
	if !utf8.ValidString(s) {
		return errBroken
	}
	if strings.IndexByte(s, 0) >= 0 {
		return errNUL
	}
	if strings.IndexByte(s, '\\') >= 0 {
		escape(out, s)
		return nil
	}
	out.WriteByte('\'')
	for {
		before, after, found := strings.Cut(s, "'")
		out.WriteString(before)
		if !found {
			break
		}
		out.WriteString("''")
		s = after
	}
	out.WriteByte('\'')
	return nil
}

const (
	errBroken = literalError("is not valid UTF-8")
	errNUL    = literalError("holds a NUL byte, which PostgreSQL can't store")
)

// literalError says why a value can't be a literal.
type literalError string

func (e literalError) Error() string { return string(e) }

// escape writes a literal in which a backslash is an escape. All that is not
// ASCII is escaped as well: in some client encodings a backslash can be the
// second byte of a character.
func escape(out *strings.Builder, s string) {
	out.WriteString(" E'") // the space parts it from a word in front
	for _, r := range s {
		switch {
		case r == '\'':
			out.WriteString("''")
		case r == '\\':
			out.WriteString(`\\`)
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		case r <= 0xFFFF:
			out.WriteString(`\u`)
			writeHex(out, r, 4)
		default:
			out.WriteString(`\U`)
			writeHex(out, r, 8)
		}
	}
	out.WriteByte('\'')
}

func writeHex(out *strings.Builder, r rune, digits int) {
	for digits--; digits >= 0; digits-- {
		out.WriteByte("0123456789abcdef"[r>>(4*digits)&0xF])
	}
}

func quoteBytes(out *strings.Builder, b []byte) error {
	return quote(out, `\x`+hex.EncodeToString(b))
}

// timestamp writes a time in ISO form, which is read alike under any DateStyle.
func timestamp(t time.Time) string {
	const layout = "2006-01-02 15:04:05.999999999Z07:00"
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	if year := t.Year(); year <= 0 {
		// the year 0 is 1 BC
		return t.AddDate(1-2*year, 0, 0).Format(layout) + " BC"
	}
	return t.Format(layout)
}

package databasesql

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assignment-go/assignment"
)

// inline writes the arguments into the statement in place of its parameters.
func inline(query string, args []driver.Value) (string, error) {
	var out strings.Builder
	out.Grow(len(query) + sizeOf(args))
	written := 0 // up to where the query was copied
	for i := 0; i < len(query); {
		if query[i] != '$' || i > 0 && isWord(query[i-1]) {
			i = skip(query, i)
			continue
		}
		end := i + 1
		for end < len(query) && isDigit(query[end]) {
			end++
		}
		if end == i+1 {
			i = skip(query, i)
			continue
		}
		n, err := strconv.Atoi(query[i+1 : end])
		if err != nil || n < 1 || n > len(args) {
			return "", fmt.Errorf("the statement has a parameter %s, but %d arguments", query[i:end], len(args))
		}
		out.WriteString(query[written:i])
		if err := writeLiteral(&out, args[n-1], isBytea(query[end:])); err != nil {
			return "", &assignment.InvalidError{Field: parameter(n - 1), Reason: err.Error()}
		}
		i, written = end, end
	}
	out.WriteString(query[written:])
	return out.String(), nil
}

// isBytea reports whether the text behind a placeholder casts it to bytea.
func isBytea(cast string) bool {
	for _, name := range []string{"::bytea", "::pg_catalog.bytea"} {
		if rest, ok := strings.CutPrefix(cast, name); ok && (rest == "" || !isWord(rest[0])) {
			return true
		}
	}
	return false
}

// sizeOf estimates how much room the literals need.
func sizeOf(args []driver.Value) int {
	const other, quotes = 36, 3
	size := 0
	for _, arg := range args {
		if s, ok := arg.(string); ok {
			size += len(s) + quotes
			continue
		}
		size += other
	}
	return size
}

// skip returns where the token at i ends, if it is one in which a dollar sign is
// none of a parameter.
func skip(query string, i int) int {
	rest := query[i:]
	switch {
	case rest[0] == '\'' && i > 0 && (query[i-1] == 'E' || query[i-1] == 'e') && (i == 1 || !isWord(query[i-2])):
		return i + escapedEnd(rest)
	case rest[0] == '\'', rest[0] == '"':
		return i + 1 + endOf(rest[1:], rest[:1])
	case strings.HasPrefix(rest, "--"):
		return i + endOf(rest, "\n")
	case strings.HasPrefix(rest, "/*"):
		return i + commentEnd(rest)
	case rest[0] == '$':
		return i + dollarEnd(rest)
	default:
		return i + 1
	}
}

// endOf returns where the text ends with the mark. A quote that is doubled ends
// one literal and begins another, which makes no difference.
func endOf(text, mark string) int {
	if n := strings.Index(text, mark); n >= 0 {
		return n + len(mark)
	}
	return len(text)
}

// escapedEnd returns where a literal ends in which backslashes escape.
func escapedEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '\'':
			if !strings.HasPrefix(text[i+1:], "'") {
				return i + 1
			}
			i++
		}
	}
	return len(text)
}

// commentEnd returns where a comment ends, which may hold others.
func commentEnd(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// dollarEnd returns where a dollar-quoted literal ends; a single dollar sign is
// none.
func dollarEnd(text string) int {
	tag := 1
	for tag < len(text) && isWord(text[tag]) && text[tag] != '$' {
		tag++
	}
	if tag == len(text) || text[tag] != '$' {
		return 1
	}
	mark := text[:tag+1]
	return len(mark) + endOf(text[len(mark):], mark)
}

// isWord reports whether the byte can be part of a name that is not quoted.
func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= utf8.RuneSelf || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

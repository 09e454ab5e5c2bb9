package guard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxIdentifierBytes is NAMEDATALEN-1: PostgreSQL truncates longer names.
const maxIdentifierBytes = 63

// FreeName returns the name, or else the first of name_2, name_3 … that is not
// taken.
func FreeName(name string, taken []string) string {
	free := name
	for n := 2; slices.Contains(taken, free); n++ {
		suffix := "_" + strconv.Itoa(n)
		base := name
		for len(base)+len(suffix) > maxIdentifierBytes {
			_, size := utf8.DecodeLastRuneInString(base)
			base = base[:len(base)-size]
		}
		free = base + suffix
	}
	return free
}

// builtBySDK reports whether the name is one that the SDK gives to guards.
func (f fixes) builtBySDK(i Index) bool {
	name := f.table().GuardName()
	if i.Name == name {
		return true
	}
	number := i.Name[strings.LastIndexByte(i.Name, '_')+1:]
	n, err := strconv.Atoi(number)
	return err == nil && n > 1 && n < maxNumbered && i.Name == FreeName(name, numbered(name, n))
}

// maxNumbered bounds the search for such names: the name of an index may end in
// any number, such as the OID of its table.
const maxNumbered = 100

// numbered returns the name and its variants below number n.
func numbered(name string, n int) []string {
	var names []string
	for range n - 1 {
		names = append(names, FreeName(name, names))
	}
	return names
}

// TemporaryName returns what package adopt calls the index that prevents new
// duplicates in a table while it builds the guard.
func TemporaryName(table uint32) string { return fmt.Sprintf("assignment_guard_temporary_%d", table) }

package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// rewriteMember is the one object whose members are not settings but statuses,
// which may differ by case alone.
const rewriteMember = "repair.rewrite_status"

// rejectDuplicates returns an error that names the first member that an object
// of the JSON text has more than once. Package encoding/json lets the last one
// win, and takes names that differ by case for the same member. The text is
// known to be well formed.
func rejectDuplicates(text []byte) error {
	return walkValue(json.NewDecoder(bytes.NewReader(text)), "")
}

func walkValue(d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return walkObject(d, path)
	case json.Delim('['):
		for d.More() {
			if err := walkValue(d, path); err != nil {
				return err
			}
		}
		_, err = d.Token() // the closing bracket
	}
	return err
}

func walkObject(d *json.Decoder, path string) error {
	same := strings.EqualFold
	if path == rewriteMember {
		same = func(a, b string) bool { return a == b }
	}
	var seen []string
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // in an object nothing else precedes a value
		member := strings.TrimPrefix(path+"."+name, ".")
		if slices.ContainsFunc(seen, func(other string) bool { return same(other, name) }) {
			return invalid(member, "is given more than once; remove all but one")
		}
		seen = append(seen, name)
		if err := walkValue(d, strings.ToLower(member)); err != nil {
			return err
		}
	}
	_, err := d.Token() // the closing brace
	return err
}

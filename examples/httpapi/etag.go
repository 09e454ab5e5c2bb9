package main

import (
	"strconv"
	"strings"
)

// maxTags bounds how many versions one request may name: each is an attempt.
const maxTags = 8

// etag is the version of an assignment as RFC 9110 has it.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// ifMatch is the condition of a change.
type ifMatch struct {
	// anyVersion is set by If-Match: * and when there is no If-Match.
	anyVersion bool
	// versions are those that are accepted otherwise; with none of them, no
	// version is.
	versions []int64
}

// parseIfMatch reads If-Match. The comparison that RFC 9110 demands is the
// strong one, so that a weak tag is read and never matches. Nor does a tag that
// this API can't have made.
func parseIfMatch(lines []string) (ifMatch, error) {
	if len(lines) == 0 {
		return ifMatch{anyVersion: true}, nil
	}
	rest := strings.TrimSpace(strings.Join(lines, ","))
	if rest == "*" {
		return ifMatch{anyVersion: true}, nil
	}
	var match ifMatch
	for n := range maxTags {
		tag, after, ok := cutTag(rest)
		if !ok {
			return ifMatch{}, badRequest("If-Match", `must be * or tags in quotes, such as "3"`)
		}
		match.accept(tag)
		if after == "" {
			return match, nil
		}
		rest = after
		if n == maxTags-1 {
			break
		}
	}
	return ifMatch{}, badRequest("If-Match", "names more than 8 tags")
}

// accept adds a tag that is a version of ours, in the one way that we write it.
func (m *ifMatch) accept(tag string) {
	version, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err == nil && version > 0 && etag(version) == tag {
		m.versions = append(m.versions, version)
	}
}

// cutTag splits the first tag, as it is written, from those behind its comma.
func cutTag(list string) (tag, rest string, ok bool) {
	opaque, _ := strings.CutPrefix(list, "W/")
	weak := len(list) - len(opaque)
	opaque, opened := strings.CutPrefix(opaque, `"`)
	end := strings.IndexByte(opaque, '"')
	if !opened || end < 0 {
		return "", "", false
	}
	tag, rest = list[:weak+end+2], strings.TrimSpace(list[weak+end+2:])
	if rest == "" {
		return tag, "", true
	}
	rest, comma := strings.CutPrefix(rest, ",")
	rest = strings.TrimSpace(rest)
	return tag, rest, comma && rest != ""
}

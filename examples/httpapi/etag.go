package main

import (
	"strconv"
	"strings"
)

// maxTags bounds how many tags a request may have: each is an attempt.
const maxTags = 8

// etag is the version of an assignment as an entity tag (RFC 9110).
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// ifMatch is the condition of a change.
type ifMatch struct {
	// anyVersion is set by If-Match: * and when there is no If-Match.
	anyVersion bool
	// versions are the accepted versions if anyVersion is not set; none means that
	// the condition can't hold.
	versions []int64
}

// parseIfMatch parses If-Match. RFC 9110 requires a strong comparison, so that a weak
// tag is valid and never matches. Nor does a tag that this API can't have created.
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
			return ifMatch{}, badRequest("If-Match", `must be * or quoted tags, such as "3"`)
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
	return ifMatch{}, badRequest("If-Match", "has more than 8 tags")
}

// accept adds the version of a tag, if it is written exactly as etag writes it.
func (m *ifMatch) accept(tag string) {
	version, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err == nil && version > 0 && etag(version) == tag {
		m.versions = append(m.versions, version)
	}
}

// cutTag splits the list after the first tag and its comma.
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

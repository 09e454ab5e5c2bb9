package main

import (
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/internal/shell"
)

// redacted replaces a password.
const redacted = "xxxxx"

// shortSecret is the length below which a password may well be part of an ordinary
// word.
const shortSecret = 6

var (
	// authority is what precedes the host in a URL: up to the last @, because a
	// password may contain one that was not encoded.
	authority = regexp.MustCompile(`(?s)://(.*)@`)
	// member is a password in keyword/value form, or in the query of a URL.
	member = regexp.MustCompile(`(?is)passw(?:or)?d\s*=\s*`)
)

// secretsIn finds the passwords in texts that contain a connection string, valid or
// not.
func secretsIn(texts ...string) []string {
	var secrets []string
	for _, text := range texts {
		if found := authority.FindStringSubmatch(text); found != nil {
			_, password, _ := strings.Cut(found[1], ":")
			secrets = append(secrets, password)
		}
		for _, at := range member.FindAllStringIndex(text, -1) {
			secrets = append(secrets, value(text[at[1]:], "&#"), value(text[at[1]:], ""))
		}
	}
	return slices.DeleteFunc(secrets, func(s string) bool { return s == "" })
}

// value reads one value of a keyword/value string: quoted, or up to a blank or one of
// the stops.
func value(text, stops string) string {
	if strings.HasPrefix(text, "'") {
		var b strings.Builder
		for i := 1; i < len(text) && text[i] != '\''; i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			b.WriteByte(text[i])
		}
		return b.String()
	}
	end := strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n"+stops, r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end]
}

// redact replaces the secrets in a text, in every spelling that a message may use.
func redact(text string, secrets ...string) string {
	spelled := spellings(secrets)
	// the longest first: one may be part of another
	slices.SortFunc(spelled, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range spelled {
		text = redactOne(text, secret)
	}
	return text
}

// spellings are the ways in which a message, a URL, JSON or a shell writes a text.
func spellings(secrets []string) []string {
	var all []string
	for _, secret := range secrets {
		plain := []string{secret}
		if decoded, err := url.PathUnescape(secret); err == nil {
			plain = append(plain, decoded)
		}
		if decoded, err := url.QueryUnescape(secret); err == nil {
			plain = append(plain, decoded)
		}
		for _, s := range plain {
			all = append(all, s, url.PathEscape(s), url.QueryEscape(s), url.UserPassword("", s).String()[1:],
				strings.Trim(strconv.Quote(s), `"`), strings.Trim(strconv.QuoteToASCII(s), `"`),
				strings.Trim(shell.Word(s), "'"), strings.Join(strings.Fields(s), " "))
			if encoded, err := json.Marshal(s); err == nil {
				all = append(all, strings.Trim(string(encoded), `"`))
			}
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// redactOne keeps a short secret where it is part of a longer word: the password "a"
// must not make every message unreadable.
func redactOne(text, secret string) string {
	if len(secret) >= shortSecret {
		return strings.ReplaceAll(text, secret, redacted)
	}
	var b strings.Builder
	for from := 0; ; {
		at := strings.Index(text[from:], secret)
		if at < 0 {
			return b.String() + text[from:]
		}
		at += from
		end := at + len(secret)
		b.WriteString(text[from:at])
		if at > 0 && isWordByte(text[at-1]) || end < len(text) && isWordByte(text[end]) {
			b.WriteString(secret)
		} else {
			b.WriteString(redacted)
		}
		from = end
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// redactor is a writer that redacts the passwords of connection strings which were
// given as the value of some other flag, and would be printed as such.
type redactor struct {
	io.Writer
	replace *strings.Replacer
}

// newRedactor finds the connection strings in the command line. Only whole values are
// replaced: a password such as "postgres" may be part of a name that must be printed.
func newRedactor(w io.Writer, args []string) io.Writer {
	var pairs []string
	for _, arg := range args {
		_, after, _ := strings.Cut(arg, "=")
		for _, given := range slices.Concat([]string{arg, after}, strings.Split(arg, ","), strings.Split(after, ",")) {
			secrets := secretsIn(given)
			if len(secrets) == 0 {
				continue
			}
			for _, spelled := range spellings([]string{given}) {
				pairs = append(pairs, spelled, redact(spelled, secrets...))
			}
		}
	}
	if len(pairs) == 0 {
		return w
	}
	return &redactor{w, strings.NewReplacer(pairs...)}
}

// Write expects each value in one piece, as fmt and json write it.
func (r *redactor) Write(p []byte) (int, error) {
	if _, err := r.replace.WriteString(r.Writer, string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

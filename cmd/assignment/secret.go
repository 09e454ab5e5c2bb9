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

// hidden stands where a password was.
const hidden = "xxxxx"

// shortSecret is a length below which a password may well be a part of an
// ordinary word.
const shortSecret = 6

var (
	// authority is what a URL says before its host: up to the last @, since
	// people forget to encode the ones in their passwords.
	authority = regexp.MustCompile(`(?s)://(.*)@`)
	// member is a password in keyword/value form, or in the query of a URL.
	member = regexp.MustCompile(`(?is)passw(?:or)?d\s*=\s*`)
)

// secretsIn finds the passwords of texts that hold a connection string,
// wherever they stand and whether the string is a good one or not.
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

// value reads one value of a keyword/value string: quoted, or up to a blank or
// one of the stops.
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

// hide replaces the secrets in a text, in every spelling that a message may
// have given them.
func hide(text string, secrets ...string) string {
	spelt := spellings(secrets)
	// the longest first: one may be a part of another
	slices.SortFunc(spelt, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range spelt {
		text = hideOne(text, secret)
	}
	return text
}

// spellings are the ways in which a message, a URL, JSON or a shell writes a
// text.
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

// hideOne leaves a short secret alone where it is a part of a longer word: a
// password "a" must not make every message unreadable.
func hideOne(text, secret string) string {
	if len(secret) >= shortSecret {
		return strings.ReplaceAll(text, secret, hidden)
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
		if at > 0 && wordly(text[at-1]) || end < len(text) && wordly(text[end]) {
			b.WriteString(secret)
		} else {
			b.WriteString(hidden)
		}
		from = end
	}
}

func wordly(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// veil is a writer for what is meant to be read by others: a connection string
// that was given as the value of some other flag is not repeated as it is.
type veil struct {
	io.Writer
	replace *strings.Replacer
}

// newVeil looks at what was typed. Only whole values are replaced: a password
// such as "postgres" may well be a part of a name that has to be printed.
func newVeil(w io.Writer, args []string) io.Writer {
	var pairs []string
	for _, arg := range args {
		_, after, _ := strings.Cut(arg, "=")
		for _, given := range slices.Concat([]string{arg, after}, strings.Split(arg, ","), strings.Split(after, ",")) {
			secrets := secretsIn(given)
			if len(secrets) == 0 {
				continue
			}
			for _, spelt := range spellings([]string{given}) {
				pairs = append(pairs, spelt, hide(spelt, secrets...))
			}
		}
	}
	if len(pairs) == 0 {
		return w
	}
	return &veil{w, strings.NewReplacer(pairs...)}
}

// Write expects a value in one piece, as fmt and json write it.
func (v *veil) Write(p []byte) (int, error) {
	if _, err := v.replace.WriteString(v.Writer, string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

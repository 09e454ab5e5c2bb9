package conformance

import "strings"

// hostileTexts are valid and differ bytewise, but are equal or have a special meaning for
// code that folds case, trims, normalises, joins, escapes or matches patterns.
func hostileTexts() []string {
	return []string{
		"case", "Case", "CASE",
		"space", "space ", " space", "space  ", "space\t", "space\n", "space\u00a0",
		"caf\u00e9", "cafe\u0301", "cafe", // composed, decomposed, bare
		"stra\u00dfe", "strasse", "\u212a", "k", "K", // sharp s; the Kelvin sign folds to k
		"\u0130", "i\u0307", "i", "\u0131", // Turkish i
		"a/b", "a:b", "a|b", "a,b", "a.b", "a-b", "a_b", "a\x1fb", "a\\b", "a\\\\b",
		"%", "_", "a%", "'", "''", `"`, `'; DROP TABLE assignments; --`, "$1", "?", ":name", "{}", "[]", "\\x00", "\\u0000",
		"null", "NULL", "0", "00", "-1", "1e3", "true",
		"\u200b", "zero\u200bwidth", "zerowidth", "\ufeff", "\u202eright to left", "😀", "👨\u200d👩\u200d👧", "\U0010ffff", "\u0001", "\u007f",
		strings.Repeat("x", 255), strings.Repeat("x", 254), strings.Repeat("é", 127),
	}
}

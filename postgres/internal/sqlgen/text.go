package sqlgen

import "strings"

// text is SQL, one clause per line. The lines stay apart until the end, so that
// to indent them changes no line break inside a name or a literal.
type text []string

func (t text) String() string { return strings.Join(t, "\n") }

// nested returns the lines one level deeper.
func (t text) nested() text {
	deeper := make(text, len(t))
	for i, line := range t {
		deeper[i] = "  " + line
	}
	return deeper
}

// stacked puts the parts below each other.
func stacked(parts ...text) text {
	var all text
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// cte is a named part of a WITH clause.
type cte struct {
	head string
	body text
}

// as names clauses.
func as(name string, clauses ...text) cte { return cte{name + " AS (", stacked(clauses...)} }

// materialized names clauses that are evaluated once, as they are.
func materialized(name string, clauses ...text) cte {
	return cte{name + " AS MATERIALIZED (", stacked(clauses...)}
}

// with renders the WITH clause, without the parts that have no body.
func with(parts ...cte) text {
	var all text
	for _, part := range parts {
		if part.body == nil {
			continue
		}
		begin := "WITH "
		if all != nil {
			all, begin = all[:len(all)-1], "), "
		}
		all = append(all, begin+part.head)
		all = append(append(all, part.body.nested()...), ")")
	}
	return all
}

// union joins the branches that have a body.
func union(branches ...text) text {
	var all text
	for _, branch := range branches {
		if all != nil && branch != nil {
			all = append(all, "UNION ALL")
		}
		all = append(all, branch...)
	}
	return all
}

// where renders conditions, all of which must hold.
func where(conditions ...string) text {
	clause := make(text, len(conditions))
	for i, condition := range conditions {
		clause[i] = "  AND " + condition
		if i == 0 {
			clause[i] = "WHERE " + condition
		}
	}
	return clause
}

// listed renders a list between two texts, with line breaks where it gets long.
func listed(before string, items []string, after string) text {
	const width = 100
	lines := text{before}
	for i, item := range items {
		item += ", "
		if i == len(items)-1 {
			item = strings.TrimSuffix(item, ", ") + after
		}
		last := len(lines) - 1
		if i > 0 && len(lines[last])+len(item) > width {
			lines[last] = strings.TrimSuffix(lines[last], " ")
			lines = append(lines, "  ")
			last++
		}
		lines[last] += item
	}
	return lines
}

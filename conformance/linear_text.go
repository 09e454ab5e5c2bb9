package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment"
)

// names gives rows and assignees short names, numbered in the order in which they are shown.
type names struct {
	rows, assignees, subjects map[string]string
}

func newNames() *names {
	return &names{make(map[string]string), make(map[string]string), make(map[string]string)}
}

func named(known map[string]string, text, form string) string {
	if text == "" {
		return "none"
	}
	name, ok := known[text]
	if !ok {
		name = fmt.Sprintf(form, len(known)+1)
		known[text] = name
	}
	return name
}

func (n *names) row(id assignment.ID) string { return named(n.rows, string(id), "#%d") }

func (n *names) assignee(id string) string { return named(n.assignees, id, "assignee %d") }

// legend says what the short names stand for.
func (n *names) legend() string {
	var lines []string
	for text, name := range n.rows {
		lines = append(lines, fmt.Sprintf("%s is the ID %q", name, text))
	}
	for text, name := range n.assignees {
		lines = append(lines, fmt.Sprintf("%s is %q", name, text))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (n *names) state(r row) string {
	return fmt.Sprintf("%s of %s, %s, version %d", n.row(r.id), n.assignee(r.key.AssigneeID), r.status, r.version)
}

func (n *names) states(rows []row) string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = n.state(r)
	}
	if len(all) == 0 {
		return "no rows"
	}
	return strings.Join(all, "; ")
}

// call writes the call like Go, without unimportant arguments.
func (n *names) call(a operation) string {
	switch a.name {
	case "Create":
		return fmt.Sprintf("Create(%s of %s)", n.row(a.next.ID), n.assignee(a.next.Key.AssigneeID))
	case "Replace":
		return fmt.Sprintf("Replace(by %s of %s, holder to %s)", n.row(a.next.ID), n.assignee(a.next.Key.AssigneeID), a.retireTo)
	case "Update":
		return fmt.Sprintf("Update(%s %s)", n.row(a.id), n.change(a.change))
	case "Get":
		return fmt.Sprintf("Get(%s)", n.row(a.id))
	default:
		return fmt.Sprintf("%s(%s)", a.name, n.selection(a))
	}
}

func (n *names) change(c assignment.Change) string {
	text := "to " + string(c.To)
	if c.AssigneeID != "" {
		text = "to " + n.assignee(c.AssigneeID)
	}
	if c.IfVersion != 0 {
		text += fmt.Sprintf(" if version %d", c.IfVersion)
	}
	return text
}

func (n *names) selection(a operation) string {
	selected := "all"
	if a.query.AssigneeID != "" {
		selected = n.assignee(a.query.AssigneeID)
	}
	if a.query.ActiveOnly && a.name != "FindActive" {
		selected += ", active"
	}
	return selected
}

func (n *names) reply(a reply) string {
	switch a.kind {
	case replyCreated:
		if a.retired.id != "" {
			return fmt.Sprintf("created %s; retired %s", n.state(a.row), n.state(a.retired))
		}
		return "created " + n.state(a.row)
	case replyReplayed:
		return "replayed " + n.state(a.row)
	case replyRow:
		return n.state(a.row)
	case replyRows:
		return n.states(a.rows)
	case replyCount:
		return strconv.FormatInt(a.count, 10)
	case replyConflict:
		return "conflict with " + n.state(a.row)
	case replyForbidden:
		return fmt.Sprintf("%s: %s may not move from %s to %s", a.kind, n.row(a.row.id), a.row.status, a.to)
	case replyNotWritten, replyUnknown:
		return fmt.Sprintf("%s (%s)", a.kind, short(a.err))
	default:
		return string(a.kind)
	}
}

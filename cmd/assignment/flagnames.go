package main

import (
	"errors"
	"strings"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// flagNames replaces the fields that the messages of package adopt name by the flags
// that set them.
func flagNames() *strings.Replacer {
	return strings.NewReplacer(
		"Table.Columns.AssigneeID", "-assignee-column",
		"Table.Columns.SubjectID", "-subject-column",
		"Table.Columns.Status", "-status-column",
		"Table.Columns.AssignedBy", "-assigned-by-column",
		"Table.Columns.AccountID", "-account-column",
		"Table.Columns.DueAt", "-due-at-column",
		"Table.Columns.CreatedAt", "-created-at-column",
		"Table.Columns.UpdatedAt", "-updated-at-column",
		"Table.Columns.CompletedAt", "-completed-at-column",
		"Table.Columns.Version", "-version-column",
		"Table.Columns.Metadata", "-metadata-column",
		"Table.Columns.ID", "-id-column",
		"Table.DatabaseIDs", "-database-ids",
		"Table.Extra", "-extra-columns",
		"Table.Schema", "-table",
		"Table.Name", "-table",
		"Lifecycle.Initial", "-initial",
		"Lifecycle.Terminal", "-terminal",
		"Lifecycle.Transitions", "-active",
		"Repair.Policy", "-policy",
		"Repair.RetireTo", "-retire-to",
		"Repair.NullStatus", "-null-status",
		"Repair.Rewrite", "-rewrite-status",
		"Repair.BatchRows", "-batch-rows",
		"Repair.AuditTable", "-audit-table",
		"Options.Repair", "-no-repair",
		"Options.CoarserThanIndex", "-coarser-than-index",
		"MostAdvanced", "-policy most-advanced",
		"LockTimeout", "-lock-timeout",
		"WaitTimeout", "-wait-timeout",
	)
}

// withFlagNames is the text of an error with flags instead of fields.
func withFlagNames(err error) string {
	text := flagNames().Replace(err.Error())
	if bad, ok := errors.AsType[*assignment.InvalidError](err); ok && bad.Field == "pool" {
		text = strings.Replace(text, ": pool ", ": -database-url ", 1)
	}
	return text
}

// useFlagNames replaces fields by flags in findings.
func useFlagNames(findings []adopt.Finding) {
	flags := flagNames()
	for i := range findings {
		findings[i].Detail = flags.Replace(findings[i].Detail)
	}
}

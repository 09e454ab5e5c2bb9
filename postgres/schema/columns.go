package schema

// The columns of the table.
const (
	ColumnID          = "id"
	ColumnAssigneeID  = "assignee_id"
	ColumnSubjectID   = "subject_id"
	ColumnStatus      = "status"
	ColumnAssignedBy  = "assigned_by"
	ColumnAccountID   = "account_id"
	ColumnDueAt       = "due_at"
	ColumnCreatedAt   = "created_at"
	ColumnUpdatedAt   = "updated_at"
	ColumnCompletedAt = "completed_at"
	ColumnVersion     = "version"
	ColumnMetadata    = "metadata"
)

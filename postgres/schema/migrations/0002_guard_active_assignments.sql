CREATE UNIQUE INDEX "assignments_active_key" ON "assignments" ("assignee_id", "subject_id") WHERE "status" NOT IN ('cancelled', 'completed');

CREATE INDEX "assignments_history_idx" ON "assignments" ("assignee_id") WHERE "status" IN ('cancelled', 'completed');

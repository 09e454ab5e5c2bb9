CREATE TABLE assignments (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    assignee_id  text COLLATE "C" NOT NULL,
    subject_id   text COLLATE "C" NOT NULL,
    status       text COLLATE "C" NOT NULL,
    assigned_by  text COLLATE "C",
    account_id   text COLLATE "C",
    due_at       timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    completed_at timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    metadata     jsonb
);

-- For lists, which are in the order of creation and, within a microsecond, of the
-- ID. Batches share one, so that the ID is needed here. The rows of one assignee
-- are few enough to be sorted: an index with the time in it would be seven times as
-- large, and every new assignment would change another page of it.
CREATE INDEX assignments_created_at_idx ON assignments (created_at, id);
CREATE INDEX assignments_assignee_idx ON assignments (assignee_id);

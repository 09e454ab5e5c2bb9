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
    metadata     jsonb,
    request      text COLLATE "C"
);

-- For lists, which are in the order of creation and, within a microsecond, of the
-- ID. Batches share one, so that the ID is needed here.
CREATE INDEX assignments_created_at_idx ON assignments (created_at, id);

DROP ROLE IF EXISTS case_app; CREATE ROLE case_app LOGIN; DROP ROLE IF EXISTS case_own; CREATE ROLE case_own LOGIN;
CREATE TABLE assignments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id text NOT NULL, course_id text NOT NULL, status text NOT NULL DEFAULT 'pending', created_at timestamptz NOT NULL DEFAULT now());
ALTER TABLE assignments OWNER TO case_own; GRANT ALL ON assignments TO case_app; GRANT CREATE ON SCHEMA public TO case_own;
INSERT INTO assignments (user_id, course_id) SELECT 'u'||g%4, 'c'||g%3 FROM generate_series(1,48) g;
ALTER TABLE assignments ENABLE ROW LEVEL SECURITY; ALTER TABLE assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON assignments USING (user_id = current_setting('app.uid', true));

package adopt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/postgres/adopt"
)

// TestRulesOfTheHost has tables whose own rules reject what a repair would do.
// That is no failure of the store, and a retry can't help: the rule is reported at
// once, by name, and before anything is written.
func TestRulesOfTheHost(t *testing.T) {
	raise := func(code string) string {
		return fmt.Sprintf(`CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'not allowed here' USING ERRCODE = '%s'; END $$;
			CREATE TRIGGER veto BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION veto()`, code)
	}
	trigger := func(body string) string {
		return `CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` + body + ` END $$;
			CREATE TRIGGER veto BEFORE UPDATE ON assignments FOR EACH ROW EXECUTE FUNCTION veto()`
	}
	cases := []struct {
		name, rule, says string
		planned          bool // the dry run reports it, too
	}{
		{"a_check_of_the_status", `ALTER TABLE assignments ADD CONSTRAINT only_these CHECK (status IN ('pending', 'in_progress'))`, "only_these", true},
		{"a_check_that_is_not_valid", `ALTER TABLE assignments ADD CONSTRAINT only_these CHECK (status <> 'completed') NOT VALID`, "only_these", true},
		{
			"a_check_of_two_columns",
			`ALTER TABLE assignments ADD CONSTRAINT both_of_them CHECK (status <> 'completed' OR account_id IS NOT NULL)`, "both_of_them", true,
		},
		{
			"a_check_that_only_one_row_breaks", `ALTER TABLE assignments ADD CONSTRAINT one CHECK (status <> 'completed' OR id <> 'b2')`, "one", true,
		},
		{
			"a_check_of_the_whole_row", `CREATE FUNCTION fine(assignments) RETURNS boolean LANGUAGE sql AS $$ SELECT $1.status <> 'completed' $$;
			ALTER TABLE assignments ADD CONSTRAINT whole CHECK (fine(assignments.*))`, "whole", false,
		},
		{
			"a_foreign_key_of_the_status", `CREATE TABLE states (name text PRIMARY KEY); INSERT INTO states VALUES ('pending'), ('in_progress');
			ALTER TABLE assignments ADD CONSTRAINT known FOREIGN KEY (status) REFERENCES states`, "known", false,
		},
		{
			"a_foreign_key_that_is_deferred", `CREATE TABLE states (name text PRIMARY KEY); INSERT INTO states VALUES ('pending'), ('in_progress');
			ALTER TABLE assignments ADD CONSTRAINT known FOREIGN KEY (status) REFERENCES states DEFERRABLE INITIALLY DEFERRED`, "known", false,
		},
		{"a_trigger_that_raises", raise("P0001"), "not allowed here", false},
		{"a_trigger_that_raises_a_class_of_its_own", raise("ZX999"), "not allowed here", false},
		{"a_trigger_that_raises_a_unique_violation", raise("23505"), "not allowed here", false},
		{"a_trigger_that_raises_a_missing_privilege", raise("42501"), "not allowed here", false},
		{"a_trigger_that_divides_by_zero", trigger(`NEW.assigned_by := (1 / 0)::text; RETURN NEW;`), "division by zero", false},
		{"a_trigger_that_misses_a_table", trigger(`PERFORM * FROM nowhere; RETURN NEW;`), "nowhere", false},
		{"a_trigger_that_suppresses_the_change", trigger(`RETURN NULL;`), "veto", false},
		{"a_trigger_that_takes_it_back", trigger(`NEW.status := OLD.status; RETURN NEW;`), "veto", false},
		{
			"a_constraint_trigger_that_is_deferred", `CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'not allowed here'; END $$;
			CREATE CONSTRAINT TRIGGER veto AFTER UPDATE ON assignments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION veto()`,
			"not allowed here", false,
		},
	}
	rejected := func(t *testing.T, pool *pgxpool.Pool, says string, call func() error) {
		t.Helper()
		before, start := statuses(t, pool), time.Now()
		err := call()
		_, invalid := errors.AsType[*assignment.InvalidError](err)
		_, unguarded := errors.AsType[*assignment.GuardError](err) // which comes first where a store would reject the table, too
		if !invalid && !unguarded || !strings.Contains(err.Error(), says) || errors.Is(err, assignment.ErrUnavailable) || errors.Is(err, assignment.ErrContended) {
			t.Errorf("got %v, want it to be invalid and to name %s", err, says)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("it took %v: what can't help was repeated", took)
		}
		want(t, "statuses", statuses(t, pool), before)
		want(t, "audit table", text(t, pool, `SELECT to_regclass('assignment_repairs')::text`), "")
		want(t, "indexes", indexes(t, pool), "")
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pool := mustDuplicates(t)
			mustExec(t, pool, `DELETE FROM assignments WHERE status = 'completed'`)
			mustExec(t, pool, c.rule)
			opts := prismaOptions()
			opts.Repair = &adopt.RepairOptions{}
			opts.Attempts = 1000 // a retry would take very long
			if c.planned {
				rejected(t, pool, c.says, func() error { _, err := adopt.Plan(t.Context(), pool, opts); return err })
				rejected(t, pool, c.says, func() error {
					plan, err := adopt.PlanGuard(t.Context(), pool, opts)
					for _, f := range plan.Blocked {
						err = &assignment.GuardError{Findings: []assignment.GuardFinding{{Detail: f.Detail}}}
					}
					return err
				})
			}
			rejected(t, pool, c.says, func() error { _, err := adopt.Repair(t.Context(), pool, opts); return err })
			rejected(t, pool, c.says, func() error { _, err := adopt.Guard(t.Context(), pool, opts); return err })
		})
	}
}

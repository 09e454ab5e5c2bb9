// Package result holds the result of a run, which every report format renders and
// which is also the JSON output.
package result

import "time"

// Report is one run.
type Report struct {
	// Started is the time of the start, in UTC; Took is the duration in nanoseconds.
	Started time.Time     `json:"started"`
	Took    time.Duration `json:"took_ns"`
	// Command is the command line without the connection string.
	Command     string      `json:"command"`
	Plan        Plan        `json:"plan"`
	Environment Environment `json:"environment"`
	Workloads   []Workload  `json:"workloads"`
	// Sizes are the sizes of the tables with and without history at the end.
	Sizes []Sizes `json:"sizes,omitempty"`
	// Verdicts are the claims about correctness; one that does not hold fails the
	// run.
	Verdicts []Verdict `json:"verdicts"`
	// Figures are the performance targets; a missed one does not fail the run.
	Figures []Figure `json:"figures"`
}

// Plan is what was to be measured.
type Plan struct {
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"duration_ns"`
	Callers  int           `json:"callers"`
	History  int           `json:"history"`
	Seed     uint64        `json:"seed"`
	Quick    bool          `json:"quick"`
	Only     string        `json:"only,omitempty"`
}

// Environment is what the figures were measured on.
type Environment struct {
	Machine  []Fact `json:"machine"`
	Versions []Fact `json:"versions"`
	Server   []Fact `json:"server"`
}

// Fact is one property of the environment.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Class is what a strategy is an example of.
type Class string

// The classes.
const (
	Vulnerable Class = "vulnerable" // leaves duplicates
	Safe       Class = "safe"       // another way to avoid duplicates
	Fix        Class = "fix"        // the usual fix: check, unique index, catch
	Floor      Class = "floor"      // the fastest statement, hand-written
	SDK        Class = "sdk"        // Service of this module
	Peer       Class = "peer"       // another library
)

// Workload is one kind of load and the results of the strategies under it.
type Workload struct {
	// Name is used by -only and JSON, Title in tables and plots.
	Name  string `json:"name"`
	Title string `json:"title"`
	// Unit is what OpsPerSecond counts: "calls" or "rows".
	Unit string `json:"unit"`
	Rows []Row  `json:"rows"`
}

// Row is one strategy: the medians of its rounds.
type Row struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Class Class  `json:"class"`
	// OpsPerSecond, P50 and P99 are medians of the rounds. Latencies are in
	// nanoseconds, of one call or, in bulk, of one batch.
	OpsPerSecond float64       `json:"ops_per_second"`
	P50          time.Duration `json:"p50_ns"`
	P99          time.Duration `json:"p99_ns"`
	// TripsPerCall is the median of the network round trips per call or batch.
	// TripsNew and TripsTaken are those of an undisturbed call on a new and on a
	// taken key.
	TripsPerCall float64 `json:"trips_per_call"`
	TripsNew     int64   `json:"trips_new"`
	TripsTaken   int64   `json:"trips_taken"`
	// RatioToFix and RatioToFloor are medians of the quotients of operations
	// per second within each round; 0 when there is nothing to compare with.
	RatioToFix   float64 `json:"ratio_to_fix,omitempty"`
	RatioToFloor float64 `json:"ratio_to_floor,omitempty"`
	// Total sums what happened in all rounds.
	Total   Tally    `json:"total"`
	Samples []Sample `json:"samples"`
}

// Tally counts the calls by their outcome.
type Tally struct {
	Calls     int64 `json:"calls"`
	Created   int64 `json:"created"`
	Conflicts int64 `json:"conflicts"`
	Errors    int64 `json:"errors"`
	Retries   int64 `json:"retries"`
	Deadlocks int64 `json:"deadlocks"`
	// Duplicates is how many active rows there are besides the first of their key.
	Duplicates int64 `json:"duplicates"`
	// Unaccounted is the number of rows that no call reported as created, minus the
	// number of reported rows that do not exist. Both should be 0.
	Unaccounted int64 `json:"unaccounted"`
	// FirstError is the text of the first error.
	FirstError string `json:"first_error,omitempty"`
}

// Add adds the counts of another measurement.
func (t *Tally) Add(o Tally) {
	t.Calls += o.Calls
	t.Created += o.Created
	t.Conflicts += o.Conflicts
	t.Errors += o.Errors
	t.Retries += o.Retries
	t.Deadlocks += o.Deadlocks
	t.Duplicates += o.Duplicates
	t.Unaccounted += o.Unaccounted
	if t.FirstError == "" {
		t.FirstError = o.FirstError
	}
}

// Sample is one measurement: one strategy in one round.
type Sample struct {
	Round        int           `json:"round"`
	Elapsed      time.Duration `json:"elapsed_ns"`
	OpsPerSecond float64       `json:"ops_per_second"`
	P50          time.Duration `json:"p50_ns"`
	P99          time.Duration `json:"p99_ns"`
	TripsPerCall float64       `json:"trips_per_call"`
	Tally        Tally         `json:"tally"`
}

// Sizes are the sizes of a table and its indexes on disk, in bytes.
type Sizes struct {
	Table      string `json:"table"`
	Rows       int64  `json:"rows"`
	Active     int64  `json:"active"`
	TableBytes int64  `json:"table_bytes"`
	IndexBytes int64  `json:"index_bytes"`
	GuardBytes int64  `json:"guard_bytes"`
}

// Verdict is a claim about correctness and whether it held.
type Verdict struct {
	Claim  string `json:"claim"`
	Holds  bool   `json:"holds"`
	Detail string `json:"detail,omitempty"`
}

// Figure is a performance target and the measured value.
type Figure struct {
	Name string `json:"name"`
	// Want is the bound as text, such as "≥ 1.35 ×".
	Want string `json:"want"`
	// Measured is the value as text; empty when the run did not measure it.
	Measured string `json:"measured,omitempty"`
	State    State  `json:"state"`
}

// State tells whether a figure reached its target.
type State string

// The states of a figure.
const (
	Reached     State = "reached"
	Missed      State = "missed"
	NotMeasured State = "not measured"
)

// Find returns the workload of that name, or nil.
func (r *Report) Find(name string) *Workload {
	for i := range r.Workloads {
		if r.Workloads[i].Name == name {
			return &r.Workloads[i]
		}
	}
	return nil
}

// Find returns the strategy of that name, or nil.
func (w *Workload) Find(name string) *Row {
	if w == nil {
		return nil
	}
	for i := range w.Rows {
		if w.Rows[i].Name == name {
			return &w.Rows[i]
		}
	}
	return nil
}

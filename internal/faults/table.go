package faults

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Row is a line of the table: the result of a scenario.
type Row struct {
	Fault, Driver string
	// Calls is how many calls there were, Faulted how many of them met a fault.
	Calls, Faulted int
	// Unknown is how many calls ended with ErrUnknownOutcome.
	Unknown int
	// ByClass is how many calls ended with each class.
	ByClass map[Class]int
	// Late is how many rows were created after their caller had got an unknown
	// outcome, repeated the call and got a conflict.
	Late int
	// Samples is how often the table was sampled during the run.
	Samples int
	// Violations describes each violation.
	Violations []string
	// Took is the duration of the whole scenario.
	Took time.Duration
}

// WriteTable prints the rows, and their sum for each driver.
func WriteTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "fault\tdriver\tcalls\tfaulted\tunknown\tlate\tsamples\tviolations\ttime")
	for _, r := range rows {
		fmt.Fprintln(t, r)
	}
	for _, sum := range sums(rows) {
		fmt.Fprintln(t, sum)
	}
	return t.Flush()
}

// String returns the row as tab-separated columns.
func (r Row) String() string {
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s", r.Fault, r.Driver, r.Calls, r.Faulted,
		r.Unknown, r.Late, r.Samples, len(r.Violations), r.Took.Round(100*time.Millisecond))
}

func sums(rows []Row) []Row {
	var all []Row
	at := make(map[string]int)
	for _, r := range rows {
		i, known := at[r.Driver]
		if !known {
			i = len(all)
			at[r.Driver] = i
			all = append(all, Row{Fault: "all", Driver: r.Driver})
		}
		sum := &all[i]
		sum.Calls += r.Calls
		sum.Faulted += r.Faulted
		sum.Unknown += r.Unknown
		sum.Late += r.Late
		sum.Samples += r.Samples
		sum.Took += r.Took
		sum.Violations = append(sum.Violations, r.Violations...)
	}
	return all
}

// Command conformance-report checks a driver that has the check-then-create race,
// and prints the report as JSON: what the author of a driver gets to read.
//
//	go run ./examples/conformance-report        # the rules that failed
//	go run ./examples/conformance-report -all   # every rule
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/conformance"
)

func main() {
	all := flag.Bool("all", false, "print the rules that passed or were skipped, too")
	flag.Parse()
	report, err := check(context.Background())
	if err == nil && !*all {
		report.Results = report.Of(conformance.Fail)
	}
	if err == nil {
		err = write(os.Stdout, report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance-report:", err)
		os.Exit(1)
	}
}

// check runs every rule on the naive store.
func check(ctx context.Context) (conformance.Report, error) {
	return conformance.Check(ctx, conformance.Harness{
		Open: func(_ context.Context, p assignment.Policy) (conformance.Backend, error) {
			store := newNaive(p)
			return conformance.Backend{Store: store, Second: store}, nil
		},
		Absent: []conformance.Absence{
			{Ability: conformance.AbilityReplace, Reason: "the example does not implement Replace"},
			{Ability: conformance.AbilityBatch, Reason: "the example creates one at a time"},
		},
	})
}

func write(to io.Writer, report conformance.Report) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}

package main

import (
	"bufio"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/assignment-go/assignment/bench/internal/result"
)

// environmentOf describes the machine and the versions, and adds the settings of
// the server.
func environmentOf(server []result.Fact) result.Environment {
	e := result.Environment{Server: server, Versions: versions()}
	e.Machine = append(e.Machine,
		result.Fact{Name: "CPU", Value: processor()},
		result.Fact{Name: "cores", Value: strconv.Itoa(runtime.NumCPU())},
		result.Fact{Name: "system", Value: runtime.GOOS + "/" + runtime.GOARCH})
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		average, _, _ := strings.Cut(string(load), " ")
		e.Machine = append(e.Machine, result.Fact{Name: "load average before the run", Value: average})
	}
	return e
}

// processor returns the name of the CPU, if the system has /proc/cpuinfo.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), ":")
		if found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// versions lists the versions of Go and of the libraries that are measured.
func versions() []result.Fact {
	facts := []result.Fact{{Name: "Go", Value: strings.TrimPrefix(runtime.Version(), "go")}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return facts
	}
	wanted := map[string]string{
		"github.com/jackc/pgx/v5":     "pgx",
		"github.com/lib/pq":           "lib/pq",
		"github.com/jmoiron/sqlx":     "sqlx",
		"github.com/riverqueue/river": "River",
		"github.com/google/uuid":      "google/uuid",
		"github.com/jackc/puddle/v2":  "puddle",
		"gonum.org/v1/plot":           "gonum/plot",
	}
	for _, module := range info.Deps {
		if name, ok := wanted[module.Path]; ok {
			facts = append(facts, result.Fact{Name: name, Value: strings.TrimPrefix(module.Version, "v")})
		}
	}
	return facts
}

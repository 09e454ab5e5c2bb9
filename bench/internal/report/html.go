package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/assignment-go/assignment/bench/internal/race"
	"github.com/assignment-go/assignment/bench/internal/result"
	"github.com/assignment-go/assignment/bench/internal/strategy"
)

//go:embed page.html
var source string

// page is the data of the template.
type page struct {
	Report     *result.Report
	Conditions string
	Tiles      []tile
	Legend     []legend
	Figures    []figure
	Tables     []pageTable
}

// tile is one headline number.
type tile struct {
	Number, Text string
	Class        result.Class
}

type legend struct {
	Class result.Class
	Text  string
}

type pageTable struct {
	Title string
	Head  []cell
	Rows  []pageRow
}

type pageRow struct {
	Class result.Class
	Cells []cell
}

type cell struct {
	Text   string
	Number bool
}

// HTML writes one self-contained page.
func HTML(w io.Writer, r *result.Report) error {
	drawn, err := figures(r)
	if err != nil {
		return err
	}
	parsed, err := template.New("page").Parse(source)
	if err != nil {
		return err
	}
	return parsed.Execute(w, page{
		Report:     r,
		Conditions: extent(r.Plan),
		Tiles:      tiles(r),
		Legend:     legends(),
		Figures:    drawn,
		Tables:     pageTables(r),
	})
}

func legends() []legend {
	return []legend{
		{result.Vulnerable, "leaves duplicates"},
		{result.Safe, "leaves no duplicates"},
		{result.Fix, "the usual fix"},
		{result.Floor, "the floor: hand-written"},
		{result.SDK, "this SDK"},
		{result.Peer, "another library"},
	}
}

func tiles(r *result.Report) []tile {
	var all []tile
	ten, newKeys := r.Find(race.NameTen), r.Find(race.NameNew)
	if row := ten.Find("check"); row != nil {
		all = append(all, tile{Count(row.Total.Duplicates), "duplicates left by check-then-create, 10 callers per key", result.Vulnerable})
	}
	if row := ten.Find(strategy.NameService); row != nil {
		all = append(all, tile{Count(row.Total.Duplicates), "duplicates left by Service.Create in as many rounds", result.SDK})
	}
	if row := newKeys.Find(strategy.NameService); row != nil {
		all = append(all,
			tile{Count(int64(row.OpsPerSecond)), "new assignments per second, Service.Create on pgx", result.SDK},
			tile{Count(row.TripsNew), "round trip to create, or to get the holder", result.SDK})
		if row.RatioToFix > 0 {
			all = append(all, tile{ratio(row.RatioToFix) + " ×", "the speed of check, insert and catch", result.Fix})
		}
	}
	return all
}

// pageTables gives the rows of the strategies the colours of the plots.
func pageTables(r *result.Report) []pageTable {
	var all []pageTable
	for i, t := range measured(r) {
		shown := pageTable{Title: t.title, Head: t.cells(t.head)}
		for j, row := range t.rows {
			line := pageRow{Cells: t.cells(row)}
			if i < len(r.Workloads) {
				line.Class = r.Workloads[i].Rows[j].Class
			}
			shown.Rows = append(shown.Rows, line)
		}
		all = append(all, shown)
	}
	return all
}

func (t table) cells(row []string) []cell {
	cells := make([]cell, len(row))
	for i, text := range row {
		cells[i] = cell{Text: text, Number: i >= t.words}
	}
	return cells
}

package report

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/assignment-go/assignment/bench/internal/result"
)

// Each colour of a plot stands for a variable of the page's style sheet, so that one
// drawing fits a light and a dark page.
var palette = []string{ //nolint:gochecknoglobals // constant
	"--ink", "--muted", "--grid", "--card",
	"--vulnerable", "--safe", "--fix", "--floor", "--sdk", "--peer",
}

// variable returns the colour that stands for a variable of the palette.
func variable(name string) color.Color {
	for i, known := range palette {
		if known == name {
			return color.RGBA{R: 0xF0, G: 0x0D, B: uint8(i + 1), A: 0xFF}
		}
	}
	panic("not in the palette: " + name)
}

func classColor(c result.Class) color.Color { return variable("--" + string(c)) }

// variables replaces the colours by the names of their variables.
func variables(svg string) string {
	for i, name := range palette {
		svg = strings.ReplaceAll(svg, fmt.Sprintf("#F00D%02X", i+1), "var("+name+")")
	}
	return svg
}

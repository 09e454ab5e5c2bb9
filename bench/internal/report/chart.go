package report

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"regexp"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/assignment-go/assignment/bench/internal/result"
)

// Sizes in points; the page scales the drawing to its width.
const (
	chartWidth  = 760
	rowHeight   = 25
	frameHeight = 62
	textSize    = 11
	barHeight   = 13
	dotRadius   = 1.7
	// labelGap separates labels from bars also in a browser whose font is wider than
	// the one used for the layout.
	labelGap = 34
)

// series is one line of a chart.
type series struct {
	label string
	class result.Class
	value float64
	// end makes the line a span from value to end; with 0 it is a bar.
	end float64
	// dots are the values of the single rounds.
	dots []float64
	text string
}

// chart is a horizontal chart, which has room for long labels.
type chart struct {
	axis   string
	lines  []series
	format func(float64) string
	log    bool
}

// svg draws the chart. The label describes it to a screen reader; the data is in the
// tables, too.
func (c chart) svg(label string) (template.HTML, error) {
	p := plot.New()
	p.BackgroundColor = variable("--card")
	p.X.Label.Text, p.X.Label.TextStyle.Color = c.axis, variable("--muted")
	p.X.Label.TextStyle.Font.Size, p.X.Label.Padding = textSize, 4
	p.NominalY(c.labels()...)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Tick.Label.Font.Size = textSize
		axis.Tick.Length, axis.Width, axis.Tick.Width = 0, 0, 0
		axis.Tick.Label.Font.Variant, axis.Label.TextStyle.Font.Variant = "Sans", "Sans"
	}
	p.X.Tick.Label.Color, p.Y.Tick.Label.Color = variable("--muted"), variable("--ink")
	p.Y.Min, p.Y.Max, p.Y.Padding = -0.6, float64(len(c.lines))-0.4, labelGap
	p.X.Tick.Marker = plot.TickerFunc(c.ticks)
	c.scale(p)
	p.Add(gridLines{}, c)

	canvas := vgsvg.New(chartWidth, vg.Length(rowHeight*len(c.lines)+frameHeight))
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	return inline(b.String(), label), nil
}

// labels returns the labels from bottom to top, like the axis.
func (c chart) labels() []string {
	labels := make([]string, len(c.lines))
	for i, l := range c.lines {
		labels[c.place(i)] = l.label
	}
	return labels
}

func (c chart) place(i int) int { return len(c.lines) - 1 - i }

// scale leaves room for the text after the longest line.
func (c chart) scale(p *plot.Plot) {
	low, high := c.limits()
	if c.log {
		p.X.Scale = plot.LogScale{}
		p.X.Min, p.X.Max = low*0.8, high*math.Pow(high/low, 0.2)
		return
	}
	p.X.Min, p.X.Max = 0, 1.16*high
}

func (c chart) limits() (low, high float64) {
	low = math.Inf(1)
	for _, l := range c.lines {
		low, high = min(low, l.value), max(high, l.value, l.end)
		for _, dot := range l.dots {
			high = max(high, dot)
		}
	}
	if high <= 0 {
		return 0, 4
	}
	return low, high
}

// ticks formats the numbers of the axis like those of the lines.
func (c chart) ticks(low, high float64) []plot.Tick {
	if c.log {
		return c.logTicks(low, high)
	}
	var ticks []plot.Tick
	for step, v := niceStep(high), 0.0; v <= high; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: c.format(v)})
	}
	return ticks
}

// niceStep divides the axis into four to nine parts of a round size.
func niceStep(high float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(high)))
	switch leading := high / power; {
	case leading < 2:
		return power / 4
	case leading < 4:
		return power / 2
	default:
		return power
	}
}

func (c chart) logTicks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * math.Pow(10, power); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: c.format(v)})
			}
		}
	}
	return ticks
}

// Plot implements [plot.Plotter].
func (c chart) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&canvas)
	for i, l := range c.lines {
		middle := y(float64(c.place(i)))
		end := x(max(l.value, l.end))
		if l.end > 0 {
			span(canvas, x(l.value), end, middle, l.class)
		} else {
			bar(canvas, x(0), end, middle, l.class)
		}
		for _, dot := range l.dots {
			point(canvas, x(dot), middle)
			end = max(end, x(dot))
		}
		canvas.FillText(textStyle(), vg.Point{X: end + 7, Y: middle + 1}, l.text)
	}
}

// point draws a dot with a rim, which is visible on every bar.
func point(canvas draw.Canvas, x, y vg.Length) {
	at := vg.Point{X: x, Y: y}
	canvas.DrawGlyph(draw.GlyphStyle{Color: variable("--card"), Radius: dotRadius + 1, Shape: draw.CircleGlyph{}}, at)
	canvas.DrawGlyph(draw.GlyphStyle{Color: variable("--ink"), Radius: dotRadius, Shape: draw.CircleGlyph{}}, at)
}

func textStyle() draw.TextStyle {
	style := plot.DefaultTextHandler
	return draw.TextStyle{
		Color:   variable("--ink"),
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: textSize},
		YAlign:  draw.YCenter,
		Handler: style,
	}
}

func bar(canvas draw.Canvas, from, to, y vg.Length, class result.Class) {
	const half = barHeight / 2
	to = max(to, from+1) // makes a zero visible
	canvas.FillPolygon(classColor(class), []vg.Point{
		{X: from, Y: y - half}, {X: from, Y: y + half}, {X: to, Y: y + half}, {X: to, Y: y - half},
	})
}

// span draws a line with a dot at its start and a ring at its end.
func span(canvas draw.Canvas, from, to, y vg.Length, class result.Class) {
	line := draw.LineStyle{Color: classColor(class), Width: 3}
	canvas.StrokeLine2(line, from, y, to, y)
	canvas.DrawGlyph(draw.GlyphStyle{Color: classColor(class), Radius: 5.5, Shape: draw.CircleGlyph{}}, vg.Point{X: from, Y: y})
	canvas.DrawGlyph(draw.GlyphStyle{Color: variable("--card"), Radius: 4, Shape: draw.CircleGlyph{}}, vg.Point{X: to, Y: y})
	canvas.DrawGlyph(draw.GlyphStyle{Color: classColor(class), Radius: 4, Shape: draw.RingGlyph{}}, vg.Point{X: to, Y: y})
}

// gridLines are the vertical grid lines.
type gridLines struct{}

// Plot implements [plot.Plotter].
func (gridLines) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&canvas)
	style := draw.LineStyle{Color: variable("--grid"), Width: 0.75}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		canvas.StrokeLine2(style, x(t.Value), canvas.Min.Y, x(t.Value), canvas.Max.Y)
	}
}

var (
	prolog   = regexp.MustCompile(`(?s)^.*?<svg width="[^"]*" height="[^"]*"`)
	typeface = regexp.MustCompile(`font-family:[^;]*;font-variant:[^;]*;`)
)

// inline makes the drawing part of the page, with the width, the colours and the font
// of the page.
func inline(svg, label string) template.HTML {
	svg = prolog.ReplaceAllLiteralString(svg, `<svg role="img" aria-label=`+strconv.Quote(template.HTMLEscapeString(label)))
	svg = typeface.ReplaceAllLiteralString(svg, "")
	return template.HTML(variables(svg)) //nolint:gosec // drawn here, from text that the canvas escapes
}

func plain(v float64) string { return Count(int64(math.Round(v))) }

func milliseconds(v float64) string {
	return strconv.FormatFloat(v, 'f', -1, 64) + " ms"
}

// thousand formats a number in thousands, for an axis.
func thousand(v float64) string {
	if v < 1000 {
		return fmt.Sprintf("%g", v)
	}
	return fmt.Sprintf("%gk", v/1000)
}

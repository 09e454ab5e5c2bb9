package pgdb

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// sampleRow renders a query for one row with all the types that rows have, each
// with a value that drivers and sessions get wrong.
func sampleRow() (sql string, args []any, want Row) {
	row := reflect.ValueOf(&want).Elem()
	columns := make([]string, row.NumField())
	for i := range columns {
		value, cast := sample(row.Field(i).Addr().Interface(), &want, i)
		args = append(args, value)
		columns[i] = fmt.Sprintf("$%d%s AS %s", i+1, cast, row.Type().Field(i).Tag.Get("db"))
	}
	return "SELECT " + strings.Join(columns, ", "), args, want
}

// sample fills the field of the row, and returns what to send for it and the
// casts that make it the column.
func sample(field any, row *Row, n int) (value any, cast string) {
	switch field {
	case &row.AccountID:
		return nil, "::text"
	case &row.CompletedAt:
		return nil, "::timestamptz"
	case &row.Metadata:
		row.Metadata = `{"a": "'\\$1"}`
		return string(row.Metadata), "::text::jsonb"
	}
	switch f := field.(type) {
	case *RowKind:
		*f = 7
		return "7", "::text::int"
	case *Version:
		*f = 1<<53 + 1 // which no float64 can hold
		return fmt.Sprint(*f), "::text::bigint"
	case *Time:
		// a day that could be a month
		f.Time = time.Date(2001, time.February, 3, 4, 5, n, 789_012_000, time.UTC)
		return f.Time, "::timestamptz"
	case *Text:
		*f = Text(`'"\$1` + strconv.Itoa(n))
		return string(*f), "::text"
	default:
		panic(fmt.Sprintf("no sample of a %T", field))
	}
}

// equal compares the times as moments, in whatever zone.
func (r *Row) equal(other *Row) bool {
	in := *r // the times of the row stay in their zone
	for _, times := range [][2]*Time{
		{&in.DueAt, &other.DueAt}, {&in.CreatedAt, &other.CreatedAt},
		{&in.UpdatedAt, &other.UpdatedAt}, {&in.CompletedAt, &other.CompletedAt},
	} {
		if times[0].Time.Equal(times[1].Time) {
			times[0].Time = times[1].Time
		}
	}
	return in == *other
}

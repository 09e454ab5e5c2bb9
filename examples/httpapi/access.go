package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// requestIDHeader identifies a request, here and in other services.
const requestIDHeader = "X-Request-ID"

// recorder records the response for the log.
type recorder struct {
	http.ResponseWriter
	status int
	err    error
}

// WriteHeader implements [http.ResponseWriter].
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	return rec.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// note records the error behind a response.
func (rec *recorder) note(err error) { rec.err = err }

// logged writes one line for each request, without headers, body and query, which
// contain keys and names. For the same reason, an error that the client caused is
// logged with its type and without its text.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r)
		w.Header().Set(requestIDHeader, id)
		rec := &recorder{ResponseWriter: w}
		line := log.With("request_id", id, "method", r.Method, "path", r.URL.Path)
		defer rec.report(r.Context(), line, time.Now())
		next.ServeHTTP(rec, r)
	})
}

// report writes the line. It is deferred, so that it also runs when a panic breaks
// the connection.
func (rec *recorder) report(ctx context.Context, line *slog.Logger, started time.Time) {
	attrs := []slog.Attr{
		slog.Int("status", rec.status),
		slog.Float64("milliseconds", float64(time.Since(started).Microseconds())/1000),
	}
	level := slog.LevelInfo
	if rec.err != nil {
		attrs = append(attrs, slog.String("type", problemOf(rec.err).Type))
	}
	if rec.failed() {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", rec.err.Error()))
	}
	line.LogAttrs(ctx, level, "request", attrs...)
}

// failed reports whether the error concerns the operator and not the client. That
// includes an error after the status of a success was sent.
func (rec *recorder) failed() bool {
	clientError := rec.status >= http.StatusBadRequest && rec.status < http.StatusInternalServerError
	return rec.err != nil && !clientError
}

// requestID uses the caller's ID if it is harmless, so that a request can be followed
// through several services.
func requestID(r *http.Request) string {
	const harmless = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-"
	id := r.Header.Get(requestIDHeader)
	if id == "" || len(id) > 64 || strings.Trim(id, harmless) != "" {
		return rand.Text()
	}
	return id
}

// recovered responds with 500 when next panics. If next had already begun to respond,
// it breaks the connection: the client must not mistake a partial response for a
// complete one.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				afterPanic(w, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func afterPanic(w http.ResponseWriter, err error) {
	if rec, ok := w.(*recorder); ok && rec.status == 0 {
		writeError(w, err)
		return
	}
	noteError(w, err)
	panic(http.ErrAbortHandler)
}

package main

import (
	"context"
	"log/slog"
	"net/http"
	"path"
	"time"

	"github.com/assignment-go/assignment"
)

// server is the API. It is safe for concurrent use and has no state: the store behind
// svc decides everything that must not race.
type server struct {
	svc *assignment.Service
	mux *http.ServeMux
}

// newServer returns the API on a service. Requests that need a key that is empty get
// 401. The timeout bounds each request.
func newServer(svc *assignment.Service, k keys, timeout time.Duration, log *slog.Logger) http.Handler {
	s := &server{svc: svc, mux: http.NewServeMux()}
	for _, r := range s.routes(k) {
		s.mux.Handle(r.method+" "+r.path, r.endpoint)
	}
	return logged(log, bounded(timeout, recovered(http.HandlerFunc(s.route))))
}

// endpoint handles a request, or returns an error, which problemOf maps to a
// response.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP implements [http.Handler].
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := e(w, r); err != nil {
		writeError(w, err)
	}
}

// route is one operation of the API.
type route struct {
	method, path string
	endpoint     endpoint
}

func (s *server) routes(k keys) []route {
	external, internal := requireKey("external", k.external), requireKey("internal", k.internal)
	return []route{
		{http.MethodPost, "/api/external/assignments", external(s.createExternal)},
		{http.MethodPost, "/api/assignments", internal(s.createInternal)},
		{http.MethodPost, "/api/assignments/bulk", internal(s.createBulk)},
		{http.MethodGet, "/api/assignments", internal(s.list)},
		{http.MethodGet, "/api/assignments/{id}", internal(s.get)},
		{http.MethodPatch, "/api/assignments/{id}", internal(s.patch)},
		{http.MethodGet, "/openapi.json", describe},
	}
}

// bounded ends the context of a request that takes too long, which ends its wait for
// the store.
func bounded(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// route passes known paths to the mux. For others the mux would send plain text, or a
// redirect for a path like //api.
func (s *server) route(w http.ResponseWriter, r *http.Request) {
	escaped := r.URL.EscapedPath()
	fallback, pattern := s.mux.Handler(r)
	if pattern != "" && escaped == path.Clean(escaped) {
		s.mux.ServeHTTP(w, r)
		return
	}
	discarded := headersOnly{}
	fallback.ServeHTTP(discarded, r)
	writeError(w, noRoute(http.Header(discarded).Get("Allow")))
}

// headersOnly records the Allow header of the mux's own 405.
type headersOnly http.Header

// Header implements [http.ResponseWriter].
func (h headersOnly) Header() http.Header { return http.Header(h) }

// Write implements [http.ResponseWriter].
func (headersOnly) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements [http.ResponseWriter].
func (headersOnly) WriteHeader(int) {}

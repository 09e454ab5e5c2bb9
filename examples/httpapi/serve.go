package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The timeouts of a connection, of a request, and of the shutdown. The write timeout
// starts when the headers have been read, so that it includes the handler.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	requestTimeout = 10 * time.Second
	writeTimeout   = 25 * time.Second
	idleTimeout    = time.Minute
	gracePeriod    = 30 * time.Second

	maxHeaderBytes = 16 << 10
)

// serve handles requests until ctx ends. Then it accepts no new ones, finishes those
// in flight within the grace period, and returns.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, grace time.Duration, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.InfoContext(ctx, "shutting down: finishing the requests in flight")
	return shutDown(context.WithoutCancel(ctx), srv, grace)
}

// shutDown needs a context that has not ended.
func shutDown(ctx context.Context, srv *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("closed connections with requests in flight after %v: %w", grace, err), srv.Close())
	}
	return nil
}

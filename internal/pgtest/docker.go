package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ory/dockertest/v3"
	"github.com/ory/dockertest/v3/docker"
)

const (
	// dockerPingTimeout is short: a machine without an engine must not wait.
	dockerPingTimeout = 2 * time.Second

	// containerLifetime ends a container whose pgtest was killed. Docker
	// offers nothing tied to the life of the client.
	containerLifetime = 2 * time.Hour

	containerPort = "5432/tcp"
)

// fromDocker starts a container.
func fromDocker(ctx context.Context, opts options) (*server, error) {
	pool, err := dockerEngine(ctx)
	if err != nil {
		return nil, err
	}
	container, err := startContainer(pool, opts)
	if err != nil {
		return nil, fmt.Errorf("start a container of postgres:%s: %w", opts.imageTag, err)
	}

	purge := func(context.Context) error { return pool.Purge(container) }
	dsn := trustedDSN(container.GetHostPort(containerPort))
	found, err := await(ctx, dsn, opts.wait, nil)
	if err != nil {
		return nil, errors.Join(err, purge(ctx))
	}
	return &server{
		dsn:     dsn,
		origin:  "a Docker container (postgres:" + opts.imageTag + ")",
		address: found.address,
		version: found.version,
		stop:    purge,
	}, nil
}

// dockerEngine returns an engine that answers, or errAbsent.
func dockerEngine(ctx context.Context) (*dockertest.Pool, error) {
	pool, err := dockertest.NewPool("")
	if err != nil {
		return nil, errAbsent
	}
	ctx, cancel := context.WithTimeout(ctx, dockerPingTimeout)
	defer cancel()
	if pool.Client.PingWithContext(ctx) != nil {
		return nil, errAbsent
	}
	return pool, nil
}

func startContainer(pool *dockertest.Pool, opts options) (*dockertest.Resource, error) {
	container, err := pool.RunWithOptions(&dockertest.RunOptions{
		Repository: "postgres",
		Tag:        opts.imageTag,
		Env: []string{
			"POSTGRES_HOST_AUTH_METHOD=trust",
			"POSTGRES_INITDB_ARGS=" + strings.Join(initdbOptions(), " "),
		},
		Cmd: append([]string{"postgres"}, opts.settings.arguments(maxConnections)...),
		PortBindings: map[docker.Port][]docker.PortBinding{
			containerPort: {{HostIP: "127.0.0.1"}},
		},
	}, func(host *docker.HostConfig) { host.AutoRemove = true })
	if err != nil {
		return nil, err
	}
	if err := container.Expire(uint(containerLifetime.Seconds())); err != nil {
		return nil, errors.Join(err, pool.Purge(container))
	}
	return container, nil
}

// trustedDSN is the DSN of a server of pgtest's own, which asks no password.
func trustedDSN(hostPort string) string {
	dsn := url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Host:     hostPort,
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return dsn.String()
}

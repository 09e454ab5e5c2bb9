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
	// dockerPingTimeout is short: a machine without an engine should not wait.
	dockerPingTimeout = 2 * time.Second

	containerPort = "5432/tcp"
)

// fromDocker starts a container.
func fromDocker(ctx context.Context, opts options) (*server, error) {
	client, err := dockerEngine(ctx)
	if err != nil {
		return nil, err
	}
	image := "postgres:" + opts.imageTag
	srv, err := serveContainer(ctx, client, image, opts)
	if err != nil {
		return nil, fmt.Errorf("start a container of %s: %w", image, err)
	}
	return srv, nil
}

// dockerEngine returns an engine that responds, or errAbsent.
func dockerEngine(ctx context.Context) (*docker.Client, error) {
	pool, err := dockertest.NewPool("") // it knows where engines listen
	if err != nil {
		return nil, errAbsent
	}
	ctx, cancel := context.WithTimeout(ctx, dockerPingTimeout)
	defer cancel()
	if pool.Client.PingWithContext(ctx) != nil {
		return nil, errAbsent
	}
	return pool.Client, nil
}

// serveContainer starts a container and returns when its server accepts
// connections. A server that exits instead is reported at once, with its output.
func serveContainer(ctx context.Context, client *docker.Client, image string, opts options) (*server, error) {
	if err := provideImage(client, image); err != nil {
		return nil, err
	}
	c, err := runContainer(client, docker.Config{ //nolint:contextcheck // it must be removed also when the context has ended
		Image: image,
		Env: []string{
			"POSTGRES_HOST_AUTH_METHOD=trust",
			"POSTGRES_INITDB_ARGS=" + strings.Join(initdbOptions(), " "),
		},
		Cmd: append([]string{"postgres"}, opts.settings.arguments(maxConnections)...),
	})
	if err != nil {
		return nil, err
	}
	srv, err := c.serve(ctx, opts)
	if err != nil {
		return nil, errors.Join(err, c.remove(ctx))
	}
	return srv, nil
}

func provideImage(client *docker.Client, image string) error {
	if _, err := client.InspectImage(image); err == nil {
		return nil
	}
	repository, tag := docker.ParseRepositoryTag(image)
	return client.PullImage(docker.PullImageOptions{Repository: repository, Tag: tag}, docker.AuthConfiguration{})
}

// serve returns the server of the container once it accepts connections.
func (c *container) serve(ctx context.Context, opts options) (*server, error) {
	address, err := c.address(ctx)
	if err != nil {
		return nil, c.withOutput(ctx, err)
	}
	dsn := trustedDSN(address)
	found, err := await(ctx, dsn, opts.wait, c.gone)
	if err != nil {
		return nil, c.withOutput(ctx, err)
	}
	return &server{
		dsn:     dsn,
		origin:  "a Docker container (postgres:" + opts.imageTag + ")",
		address: found.address,
		version: found.version,
		stop:    c.remove,
	}, nil
}

// trustedDSN is the DSN of a server that pgtest started, which needs no password.
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

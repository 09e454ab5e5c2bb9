package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ory/dockertest/v3/docker"
)

const (
	// containerLifetime ends a container whose pgtest was killed. Docker can't tie
	// a container to the life of a client.
	containerLifetime = 2 * time.Hour

	// enginePause is the pause between two requests to the engine.
	enginePause = 50 * time.Millisecond
)

// container is a container that pgtest started. The engine removes it, with its
// log, as soon as it ends; so pgtest reads its output from before the start.
type container struct {
	client *docker.Client
	id     string
	output output
	gone   chan struct{} // closed when the container has ended
}

// runContainer creates and starts a container that publishes its port on the
// loopback interface.
func runContainer(client *docker.Client, config docker.Config) (*container, error) {
	config.StopSignal = "SIGWINCH" // postgres ignores it: see expire
	created, err := client.CreateContainer(docker.CreateContainerOptions{
		Config: &config,
		HostConfig: &docker.HostConfig{
			AutoRemove:   true,
			PortBindings: map[docker.Port][]docker.PortBinding{containerPort: {{HostIP: "127.0.0.1"}}},
		},
	})
	if err != nil {
		return nil, err
	}
	c := &container{client: client, id: created.ID, gone: make(chan struct{})}
	if err := c.follow(); err != nil {
		return nil, errors.Join(err, c.remove(context.Background()))
	}
	if err := client.StartContainer(c.id, nil); err != nil {
		return nil, errors.Join(err, c.remove(context.Background()))
	}
	c.expire()
	return c, nil
}

// follow reads the output of the container, from its start to its end.
func (c *container) follow() error {
	attached := make(chan struct{})
	stream, err := c.client.AttachToContainerNonBlocking(docker.AttachToContainerOptions{
		Container: c.id, OutputStream: &c.output, ErrorStream: &c.output,
		Stream: true, Stdout: true, Stderr: true, Success: attached,
	})
	if err != nil {
		return err
	}
	attached <- <-attached // the library waits for the acknowledgement
	go func() {
		defer close(c.gone)
		// The stream may end before the engine knows that the container has ended,
		// or break while the container runs.
		_ = stream.Wait()
		for c.alive() {
			time.Sleep(enginePause)
		}
	}()
	return nil
}

// alive reports whether the container is running or not yet started, as far as the
// engine knows.
func (c *container) alive() bool {
	found, err := c.client.InspectContainer(c.id)
	return err == nil && (found.State.Running || found.State.StartedAt.IsZero())
}

// expire makes the engine kill the container after its lifetime: the engine sends
// the stop signal, which postgres ignores, and kills the container at the timeout.
func (c *container) expire() {
	go func() { _ = c.client.StopContainer(c.id, uint(containerLifetime.Seconds())) }()
}

// address waits until the port is published, a moment after the start.
func (c *container) address(ctx context.Context) (string, error) {
	for {
		found, err := c.client.InspectContainerWithContext(c.id, ctx)
		if err != nil {
			return "", err
		}
		if found.NetworkSettings != nil {
			if bound := found.NetworkSettings.Ports[containerPort]; len(bound) > 0 {
				return net.JoinHostPort(bound[0].HostIP, bound[0].HostPort), nil
			}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-c.gone:
			return "", errExited
		case <-time.After(enginePause):
		}
	}
}

// withOutput adds the output of the container to the error. When the container has
// ended, the engine only says that it does not exist, which becomes errExited.
func (c *container) withOutput(ctx context.Context, err error) error {
	if ended(err) {
		select {
		case <-c.gone: // all output has been read
		case <-ctx.Done():
		}
		err = errExited
	}
	return fmt.Errorf("%w: %s", err, lastLines(c.output.bytes()))
}

// remove ends and removes the container, if it still exists.
func (c *container) remove(ctx context.Context) error {
	err := c.client.RemoveContainer(docker.RemoveContainerOptions{
		ID: c.id, Force: true, RemoveVolumes: true, Context: context.WithoutCancel(ctx),
	})
	if ended(err) {
		return nil
	}
	return err
}

// ended reports whether the error of the engine means that the container does not
// exist any more.
func ended(err error) bool {
	_, ok := errors.AsType[*docker.NoSuchContainer](err)
	return ok
}

// output collects the output of several streams.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.text.Bytes())
}

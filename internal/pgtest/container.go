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
	// containerLifetime ends a container whose pgtest was killed. Docker
	// offers nothing tied to the life of the client.
	containerLifetime = 2 * time.Hour

	// enginePause is how often the engine is asked what it does not tell.
	enginePause = 50 * time.Millisecond
)

// container is a container of pgtest's own. The engine removes it when it ends,
// and its log with it; so pgtest reads along from before the start.
type container struct {
	client *docker.Client
	id     string
	output output
	gone   chan struct{} // closed when the container has ended
}

// runContainer creates and starts a container, with its port published on the
// loopback interface.
func runContainer(client *docker.Client, config docker.Config) (*container, error) {
	config.StopSignal = "SIGWINCH" // means nothing to postgres: see expire
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

// follow reads what the container writes, from its start to its end.
func (c *container) follow() error {
	attached := make(chan struct{})
	stream, err := c.client.AttachToContainerNonBlocking(docker.AttachToContainerOptions{
		Container: c.id, OutputStream: &c.output, ErrorStream: &c.output,
		Stream: true, Stdout: true, Stderr: true, Success: attached,
	})
	if err != nil {
		return err
	}
	attached <- <-attached // the library waits for the answer
	go func() {
		defer close(c.gone)
		// A stream may end before the engine knows of the death, or break while
		// the container lives.
		_ = stream.Wait()
		for c.alive() {
			time.Sleep(enginePause)
		}
	}()
	return nil
}

// alive reports whether the container has not ended, as far as the engine knows.
func (c *container) alive() bool {
	found, err := c.client.InspectContainer(c.id)
	return err == nil && (found.State.Running || found.State.StartedAt.IsZero())
}

// expire asks the engine to stop the container, by a signal that does nothing,
// and to kill it when it has not stopped after its lifetime.
func (c *container) expire() {
	go func() { _ = c.client.StopContainer(c.id, uint(containerLifetime.Seconds())) }()
}

// address waits for the published port, which is there a moment after the start.
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

// explained adds to the error what the container wrote. When it has ended, that
// is all that can be said: the engine then knows no such container any more.
func (c *container) explained(ctx context.Context, err error) error {
	if ended(err) {
		select {
		case <-c.gone: // it has read the last words
		case <-ctx.Done():
		}
		err = errExited
	}
	return fmt.Errorf("%w: %s", err, lastLines(c.output.bytes()))
}

// remove ends and removes the container, unless it has done so by itself.
func (c *container) remove(ctx context.Context) error {
	err := c.client.RemoveContainer(docker.RemoveContainerOptions{
		ID: c.id, Force: true, RemoveVolumes: true, Context: context.WithoutCancel(ctx),
	})
	if ended(err) {
		return nil
	}
	return err
}

// ended reports whether the engine says that there is no such container.
func ended(err error) bool {
	_, ok := errors.AsType[*docker.NoSuchContainer](err)
	return ok
}

// output collects what several streams write.
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

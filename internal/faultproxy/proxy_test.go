package faultproxy_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/assignment-go/assignment/internal/faultproxy"
)

// timeout bounds every wait of these tests.
const timeout = 2 * time.Minute

func TestPass(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, faultproxy.PassAll)
	client.send(t, query("one"))
	if got := server.receive(t); got != "Qone" {
		t.Errorf("the server got %q", got)
	}
	client.expect(t, "Cone", "Z")
}

func TestEncryptionIsDeclined(t *testing.T) {
	server := newServer(t)
	proxy := listen(t, server, faultproxy.PassAll)
	c := dial(t, proxy)
	c.send(t, startup(80877103))
	if b, err := c.in.ReadByte(); err != nil || b != 'N' {
		t.Errorf("got %q, %v", b, err)
	}
	c.send(t, startup(196608))
	c.expect(t, "Z")
}

func TestCutBefore(t *testing.T) {
	t.Run("the request never arrives", func(t *testing.T) {
		server := newServer(t)
		client, proxy := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.CutBefore}))
		client.send(t, query("one"))
		client.ends(t)
		server.nothing(t)
		if n := proxy.Stats().Injected; n != 1 {
			t.Errorf("injected: %d", n)
		}
	})

	t.Run("the reply arrives up to that message", func(t *testing.T) {
		server := newServer(t)
		client, _ := connect(t, server, on('Z', faultproxy.Action{Kind: faultproxy.CutBefore}))
		client.send(t, query("one"))
		client.expect(t, "Cone")
		client.ends(t)
	})
}

func TestCutInside(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, on('C', faultproxy.Action{Kind: faultproxy.CutInside}))
	client.send(t, query("one"))
	rest, _ := io.ReadAll(client.in)
	if len(rest) == 0 || len(rest) >= len(message('C', "one")) {
		t.Errorf("got %d bytes of a message", len(rest))
	}
}

func TestCutAfter(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.CutAfter}))
	client.send(t, query("one"))
	client.ends(t)
	if got := server.receive(t); got != "Qone" {
		t.Errorf("the server got %q", got)
	}
}

func TestReset(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.CutBefore, Ending: faultproxy.RST}))
	client.send(t, query("one"))
	if _, err := client.in.ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
}

func TestSwallow(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, on('C', faultproxy.Action{Kind: faultproxy.Swallow}))
	client.send(t, query("one"))
	client.ends(t)
	if got := server.receive(t); got != "Qone" {
		t.Errorf("the server got %q", got)
	}
}

func TestLate(t *testing.T) {
	server := newServer(t)
	arrive := make(chan struct{})
	client, _ := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.Late, Until: arrive}))
	client.send(t, query("one"))
	client.ends(t)
	server.nothing(t)
	close(arrive)
	if got := server.receive(t); got != "Qone" {
		t.Errorf("the server got %q", got)
	}
}

func TestDelay(t *testing.T) {
	const delay = 50 * time.Millisecond
	for _, kind := range []faultproxy.Kind{faultproxy.Delay, faultproxy.Silence} {
		server := newServer(t)
		client, _ := connect(t, server, on('Q', faultproxy.Action{Kind: kind, For: delay}))
		begin := time.Now()
		client.send(t, query("one"))
		client.expect(t, "Cone", "Z")
		if took := time.Since(begin); took < delay {
			t.Errorf("kind %d: took %v", kind, took)
		}
	}
}

func TestSilenceThenCut(t *testing.T) {
	server := newServer(t)
	client, _ := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.SilenceThenCut, For: time.Millisecond}))
	client.send(t, query("one"))
	client.ends(t)
	server.nothing(t)
}

func TestStats(t *testing.T) {
	t.Run("a server that disconnects is counted", func(t *testing.T) {
		server := newServer(t)
		client, proxy := connect(t, server, faultproxy.PassAll)
		client.send(t, query("disconnect"))
		client.ends(t)
		if n := proxy.Stats().Dropped; n != 1 {
			t.Errorf("dropped: %d", n)
		}
	})

	t.Run("an unreachable server is counted", func(t *testing.T) {
		server := newServer(t)
		server.listener.Close()
		proxy := listen(t, server, faultproxy.PassAll)
		dial(t, proxy).ends(t)
		if n := proxy.Stats().Failed; n != 1 {
			t.Errorf("failed: %d", n)
		}
	})
}

func TestCloseEndsASilence(t *testing.T) {
	server := newServer(t)
	client, proxy := connect(t, server, on('Q', faultproxy.Action{Kind: faultproxy.Silence, For: time.Hour}))
	client.send(t, query("one"))
	begun := time.NewTicker(time.Millisecond)
	defer begun.Stop()
	for range 60_000 {
		if proxy.Stats().Injected > 0 {
			break
		}
		<-begun.C
	}
	if proxy.Stats().Injected == 0 {
		t.Fatal("the silence never began")
	}
	if err := proxy.Close(); err != nil {
		t.Error(err)
	}
	client.ends(t)
}

// server replies to every query with its own text and ReadyForQuery.
type server struct {
	listener net.Listener
	got      chan string
}

func newServer(t *testing.T) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{listener: listener, got: make(chan string, 16)}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *server) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	if _, err := io.ReadFull(in, make([]byte, len(startup(0)))); err != nil {
		return
	}
	c.Write(message('Z', ""))
	for {
		got, err := read(in)
		if err != nil || got == "X" || got == "Qdisconnect" {
			return
		}
		s.got <- got
		c.Write(append(message('C', got[1:]), message('Z', "")...))
	}
}

func (s *server) receive(t *testing.T) string {
	t.Helper()
	select {
	case got := <-s.got:
		return got
	case <-time.After(timeout):
		t.Fatal("the server got nothing")
		return ""
	}
}

func (s *server) nothing(t *testing.T) {
	t.Helper()
	select {
	case got := <-s.got:
		t.Errorf("the server got %q", got)
	case <-time.After(50 * time.Millisecond):
	}
}

// client is a connection through the proxy.
type client struct {
	net.Conn
	in *bufio.Reader
}

func listen(t *testing.T, s *server, plan faultproxy.Plan) *faultproxy.Proxy {
	t.Helper()
	proxy, err := faultproxy.Listen("tcp", s.listener.Addr().String(), plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	return proxy
}

func dial(t *testing.T, proxy *faultproxy.Proxy) *client {
	t.Helper()
	c, err := net.Dial("tcp", proxy.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(timeout))
	return &client{Conn: c, in: bufio.NewReader(c)}
}

// connect returns a client that has passed the startup phase.
func connect(t *testing.T, s *server, plan faultproxy.Plan) (*client, *faultproxy.Proxy) {
	t.Helper()
	proxy := listen(t, s, plan)
	c := dial(t, proxy)
	c.send(t, startup(196608))
	c.expect(t, "Z")
	return c, proxy
}

func (c *client) send(t *testing.T, b []byte) {
	t.Helper()
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
}

func (c *client) expect(t *testing.T, messages ...string) {
	t.Helper()
	for _, want := range messages {
		if got, err := read(c.in); got != want || err != nil {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
}

func (c *client) ends(t *testing.T) {
	t.Helper()
	got, err := read(c.in)
	if netErr, ok := errors.AsType[net.Error](err); err == nil || ok && netErr.Timeout() {
		t.Errorf("got %q, %v, want the end of the connection", got, err)
	}
}

// on returns a plan with one action for all messages of a type.
func on(kind byte, action faultproxy.Action) faultproxy.Plan {
	return func(m faultproxy.Message) faultproxy.Action {
		if m.Type != kind {
			return faultproxy.Action{}
		}
		return action
	}
}

func query(text string) []byte { return message('Q', text) }

func message(kind byte, body string) []byte {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(4+len(body)))
	return append(b, body...)
}

func startup(code uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8), code)
}

// read returns a message as its type and body.
func read(r io.Reader) (string, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err := io.ReadFull(r, body)
	return string(head[:1]) + string(body), err
}

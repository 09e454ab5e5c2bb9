package wire_test

import (
	"net"
	"testing"

	"github.com/assignment-go/assignment/bench/internal/wire"
)

func TestCounter(t *testing.T) {
	t.Run("several writes and reads before the next write are one round trip", func(t *testing.T) {
		counter, client := echo(t)
		for range 3 {
			exchange(t, client, "ab", "cd")
		}
		if got := counter.Trips(); got != 3 {
			t.Errorf("got %d, want 3", got)
		}
	})
	t.Run("a message without a request is no round trip", func(t *testing.T) {
		near, far := net.Pipe()
		counter := &wire.Counter{}
		client := counter.Wrap(near)
		defer client.Close()
		go far.Write([]byte("notice"))
		if _, err := client.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		if got := counter.Trips(); got != 0 {
			t.Errorf("got %d, want 0", got)
		}
	})
}

// echo returns a connection to a listener that sends back what it reads.
func echo(t *testing.T) (*wire.Counter, net.Conn) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 64)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			if _, err := conn.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	counter := &wire.Counter{}
	conn, err := counter.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return counter, conn
}

// exchange writes all parts and then reads as many bytes.
func exchange(t *testing.T, conn net.Conn, parts ...string) {
	t.Helper()
	left := 0
	for _, part := range parts {
		if _, err := conn.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		left += len(part)
	}
	for buffer := make([]byte, 1); left > 0; left-- {
		if _, err := conn.Read(buffer); err != nil {
			t.Fatal(err)
		}
	}
}

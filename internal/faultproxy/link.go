package faultproxy

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// lateReply bounds how long the proxy waits for the server to be done with a
// request that arrived late.
const lateReply = time.Minute

// errCut ends a direction after its connection was cut on purpose.
var errCut = errors.New("connection cut")

// link is one connection through the proxy: two directions, each with a
// goroutine of its own.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	fromClient     *bufio.Reader
	fromServer     *bufio.Reader

	// ready is set by the server's first ReadyForQuery; plans apply from then on.
	ready atomic.Bool
	// ended is set when this side ended the connection, so that its end is not
	// taken for the server's doing.
	ended atomic.Bool
	// orphaned is set when the client was cut off while its request lives on.
	orphaned atomic.Bool
	// served is closed when the direction from the server has ended.
	served chan struct{}

	mu          sync.Mutex
	silentUntil time.Time
}

func newLink(p *Proxy, client, server net.Conn) *link {
	return &link{
		proxy: p, client: client, server: server,
		fromClient: bufio.NewReader(client),
		fromServer: bufio.NewReader(server),
		served:     make(chan struct{}),
	}
}

// run forwards until either side ends.
func (l *link) run() {
	code, err := l.startup()
	if err != nil || code == codeCancel {
		l.finishCancel(code)
		return
	}
	l.proxy.wg.Go(l.serverToClient)
	l.clientToServer()
	<-l.served
}

// startup declines encryption and forwards the first message.
func (l *link) startup() (uint32, error) {
	for {
		f, code, err := readStartup(l.fromClient)
		if err != nil {
			return 0, err
		}
		if code == codeSSL || code == codeGSS {
			if _, err := l.client.Write([]byte{'N'}); err != nil {
				return 0, err
			}
			continue
		}
		_, err = l.server.Write(f)
		return code, err
	}
}

// finishCancel waits for the server to have taken note of a cancel request,
// which it shows by closing.
func (l *link) finishCancel(code uint32) {
	if code != codeCancel {
		return
	}
	if l.server.SetReadDeadline(time.Now().Add(dialTimeout)) == nil {
		_, _ = l.fromServer.ReadByte()
	}
}

// clientToServer forwards requests. When the client leaves, the server's
// connection goes with it.
func (l *link) clientToServer() {
	d := direction{link: l, from: Client, in: l.fromClient, out: bufio.NewWriter(l.server)}
	err := d.forward()
	l.ended.Store(true)
	if !errors.Is(err, errCut) {
		_ = l.server.Close()
	}
}

// serverToClient forwards replies. When the server leaves, so does the
// client's connection.
func (l *link) serverToClient() {
	defer close(l.served)
	d := direction{link: l, from: Server, in: l.fromServer, out: bufio.NewWriter(l.client)}
	if err := d.forward(); !errors.Is(err, errCut) && !l.ended.Swap(true) {
		l.lost()
	}
	_ = l.client.Close()
	_ = l.server.Close()
}

// lost counts a connection that the server ended.
func (l *link) lost() {
	if l.ready.Load() {
		l.proxy.dropped.Add(1)
	} else {
		l.proxy.refused.Add(1)
	}
}

// cut ends both halves of the connection.
func (l *link) cut(how Ending) error {
	l.ended.Store(true)
	end(l.client, how)
	end(l.server, how)
	return errCut
}

// end closes a connection in the chosen way. An orderly end with unread data
// in the buffers would become a reset, so the FIN goes first.
func end(c net.Conn, how Ending) {
	if tcp, ok := c.(*net.TCPConn); ok {
		if how == RST {
			_ = tcp.SetLinger(0) // the connection is lost either way
		} else {
			_ = tcp.CloseWrite()
		}
	}
	_ = c.Close()
}

// silence stops both directions for a while.
func (l *link) silence(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.silentUntil = time.Now().Add(d)
}

// listen waits for the end of a silence.
func (l *link) listen() error {
	for {
		l.mu.Lock()
		left := time.Until(l.silentUntil)
		l.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := l.proxy.wait(left); err != nil {
			return err
		}
	}
}

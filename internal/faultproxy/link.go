package faultproxy

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// lateReply bounds how long the proxy waits for the server to carry out a
// request that arrived late.
const lateReply = time.Minute

// errCut ends a direction after its connection was cut on purpose.
var errCut = errors.New("connection cut")

// link is one connection through the proxy: two directions, each on its own
// goroutine.
type link struct {
	proxy          *Proxy
	client, server net.Conn
	fromClient     *bufio.Reader
	fromServer     *bufio.Reader

	// ready is set by the server's first ReadyForQuery; plans apply from then on.
	ready atomic.Bool
	// ended is set when the client or the proxy ended the connection, so that
	// serverToClient does not count it as ended by the server.
	ended atomic.Bool
	// orphaned is set when the client was disconnected and its request is still
	// to be delivered.
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

// finishCancel waits until the server has processed a cancel request: it then
// closes the connection.
func (l *link) finishCancel(code uint32) {
	if code != codeCancel {
		return
	}
	if l.server.SetReadDeadline(time.Now().Add(dialTimeout)) == nil {
		_, _ = l.fromServer.ReadByte()
	}
}

// clientToServer forwards requests. When the client disconnects, it closes the
// connection to the server.
func (l *link) clientToServer() {
	d := direction{link: l, from: Client, in: l.fromClient, out: bufio.NewWriter(l.server)}
	err := d.forward()
	l.ended.Store(true)
	if !errors.Is(err, errCut) {
		_ = l.server.Close()
	}
}

// serverToClient forwards replies. When the server disconnects, it closes the
// connection to the client.
func (l *link) serverToClient() {
	defer close(l.served)
	d := direction{link: l, from: Server, in: l.fromServer, out: bufio.NewWriter(l.client)}
	if err := d.forward(); !errors.Is(err, errCut) && !l.ended.Swap(true) {
		l.countServerEnd()
	}
	_ = l.client.Close()
	_ = l.server.Close()
}

// countServerEnd counts a connection that the server ended.
func (l *link) countServerEnd() {
	if l.ready.Load() {
		l.proxy.dropped.Add(1)
	} else {
		l.proxy.failed.Add(1)
	}
}

// cut ends the connections to both sides.
func (l *link) cut(how Ending) error {
	l.ended.Store(true)
	end(l.client, how)
	end(l.server, how)
	return errCut
}

// end closes a connection in the chosen way. Closing with unread data in the
// buffers would send a reset, so the FIN goes first.
func end(c net.Conn, how Ending) {
	if tcp, ok := c.(*net.TCPConn); ok {
		if how == RST {
			_ = tcp.SetLinger(0) // the connection ends either way
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

// awaitSilence waits for the end of a silence.
func (l *link) awaitSilence() error {
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

package faultproxy

import (
	"bufio"
	"time"
)

// direction is one half of a link.
type direction struct {
	*link
	from Side
	in   *bufio.Reader
	out  *bufio.Writer
}

// forward forwards messages until a side disconnects or a plan cuts the
// connection. Messages that arrived together are sent together.
func (d *direction) forward() error {
	for {
		if d.in.Buffered() == 0 {
			if err := d.flush(); err != nil {
				return err
			}
		}
		f, err := readFrame(d.in)
		if err != nil {
			return err
		}
		if err := d.handle(f); err != nil {
			return err
		}
	}
}

func (d *direction) handle(f frame) error {
	m := f.message(d.from)
	if d.from == Server && m.Type == 'E' {
		d.proxy.errors.Add(1)
	}
	if !d.ready.Load() {
		return d.start(f, m)
	}
	if d.orphaned.Load() {
		return nil // the client is gone
	}
	a := d.proxy.plan(m)
	if a.Kind != Pass {
		d.proxy.injected.Add(1)
	}
	return d.act(f, m, a)
}

// start forwards the startup phase, which ends with the first ReadyForQuery.
func (d *direction) start(f frame, m Message) error {
	if m.EndsReply() {
		d.ready.Store(true)
	}
	return d.pass(f)
}

func (d *direction) act(f frame, m Message, a Action) error {
	switch a.Kind {
	case CutBefore:
		return d.cutAfter(nil, a.Ending)
	case CutInside:
		return d.cutAfter(f[:len(f)/2], a.Ending)
	case CutAfter:
		return d.cutAfter(f, a.Ending)
	case Swallow:
		return d.swallow(m, a.Ending)
	case Late:
		return d.late(f, m, a)
	case Delay:
		return d.delay(f, a)
	case Silence, SilenceThenCut:
		return d.silent(f, a)
	default:
		return d.pass(f)
	}
}

func (d *direction) pass(f []byte) error {
	if err := d.awaitSilence(); err != nil {
		return err
	}
	_, err := d.out.Write(f)
	return err
}

func (d *direction) flush() error {
	if d.out.Buffered() == 0 {
		return nil
	}
	if err := d.awaitSilence(); err != nil {
		return err
	}
	return d.out.Flush()
}

// cutAfter sends what is buffered and the last bytes, if it can, and cuts.
func (d *direction) cutAfter(last []byte, how Ending) error {
	_, _ = d.out.Write(last)
	_ = d.out.Flush()
	return d.cut(how)
}

// swallow reads the reply to its end, drops it and cuts.
func (d *direction) swallow(m Message, how Ending) error {
	for !m.EndsReply() {
		f, err := readFrame(d.in)
		if err != nil {
			break // the server disconnected meanwhile; the cut below disconnects the client
		}
		m = f.message(d.from)
	}
	d.out.Reset(d.client)
	return d.cut(how)
}

// late disconnects the client and delivers its request afterwards.
func (d *direction) late(f frame, m Message, a Action) error {
	request := append([]byte(nil), f...)
	for !m.EndsRequest() {
		next, err := readFrame(d.in)
		if err != nil {
			return err // an incomplete request has no effect, whenever it arrives
		}
		m = next.message(d.from)
		request = append(request, next...)
	}
	d.orphaned.Store(true)
	d.ended.Store(true)
	end(d.client, a.Ending)
	if err := d.proxy.waitFor(a); err != nil {
		return err
	}
	if err := d.pass(request); err != nil {
		return err
	}
	if err := d.out.Flush(); err != nil {
		return err
	}
	return d.awaitReply()
}

// awaitReply lets the server execute the request before it notices that the
// client is gone. Terminate makes it close the connection once it is done.
func (d *direction) awaitReply() error {
	if err := d.server.SetReadDeadline(time.Now().Add(lateReply)); err != nil {
		return err
	}
	terminate := frame{'X', 0, 0, 0, lengthSize}
	if _, err := d.server.Write(terminate); err != nil {
		return err
	}
	<-d.served
	return errCut
}

func (d *direction) delay(f frame, a Action) error {
	if err := d.flush(); err != nil {
		return err
	}
	if err := d.proxy.waitFor(a); err != nil {
		return err
	}
	return d.pass(f)
}

func (d *direction) silent(f frame, a Action) error {
	d.silence(a.For)
	if err := d.awaitSilence(); err != nil {
		return err
	}
	if a.Kind == SilenceThenCut {
		return d.cut(a.Ending)
	}
	return d.pass(f)
}

package faultproxy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const (
	// maxFrame is larger than any message of the tests.
	maxFrame = 1 << 24
	// lengthSize is the size of a message's length, which includes itself.
	lengthSize = 4

	// Codes sent in place of the protocol version.
	codeCancel = 80877102
	codeSSL    = 80877103
	codeGSS    = 80877104
)

var errFrame = errors.New("not a message of the PostgreSQL protocol")

// frame is a message as it is on the wire.
type frame []byte

func (f frame) message(from Side) Message {
	return Message{From: from, Type: f[0], Body: f[1+lengthSize:]}
}

// readFrame reads a message that starts with its type.
func readFrame(r *bufio.Reader) (frame, error) {
	head, err := r.Peek(1 + lengthSize)
	if err != nil {
		return nil, err
	}
	return readExactly(r, 1, head[1:])
}

// readStartup reads a first message, which has no type, and returns its code.
func readStartup(r *bufio.Reader) (frame, uint32, error) {
	head, err := r.Peek(2 * lengthSize)
	if err != nil {
		return nil, 0, err
	}
	code := binary.BigEndian.Uint32(head[lengthSize:])
	f, err := readExactly(r, 0, head)
	return f, code, err
}

func readExactly(r io.Reader, prefix int, length []byte) (frame, error) {
	n := binary.BigEndian.Uint32(length)
	if n < lengthSize || n > maxFrame {
		return nil, errFrame
	}
	f := make(frame, prefix+int(n))
	_, err := io.ReadFull(r, f)
	return f, err
}

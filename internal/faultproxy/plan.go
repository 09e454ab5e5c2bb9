package faultproxy

import "time"

// Side is an end of a connection.
type Side int

// The two ends.
const (
	// Client is the driver under test.
	Client Side = iota
	// Server is PostgreSQL, or the pooler in front of it.
	Server
)

// Message is one message of the protocol, as a [Plan] sees it before the proxy
// forwards it. A plan sees no messages of the startup phase.
type Message struct {
	// From is the side that sent it.
	From Side
	// Type is the first byte of the message, such as 'Q' for a simple query or 'C'
	// for the completion of a command.
	Type byte
	// Body is what follows the length. It is only valid during the call.
	Body []byte
}

// EndsRequest reports whether this message completes a request: a simple query,
// or the Sync at the end of an extended one. The server replies after it.
func (m Message) EndsRequest() bool {
	return m.From == Client && (m.Type == 'Q' || m.Type == 'S')
}

// EndsReply reports whether this is ReadyForQuery: the request has been carried
// out, and is committed unless a transaction is open.
func (m Message) EndsReply() bool { return m.From == Server && m.Type == 'Z' }

// Completes reports whether the message is the completion of a command with
// this tag, such as COMMIT.
func (m Message) Completes(tag string) bool {
	return m.From == Server && m.Type == 'C' && string(m.Body) == tag+"\x00"
}

// Ending is how a connection is cut.
type Ending int

// The two endings.
const (
	// FIN closes the connection in an orderly way.
	FIN Ending = iota
	// RST aborts it: the other side sees a reset.
	RST
)

// Kind is what the proxy does with a message.
type Kind int

// The kinds of [Action].
const (
	// Pass forwards the message. It is the zero value.
	Pass Kind = iota
	// CutBefore forwards what came before the message, then cuts.
	CutBefore
	// CutInside forwards the first half of the message, then cuts.
	CutInside
	// CutAfter forwards the message, then cuts.
	CutAfter
	// Swallow is for replies: the proxy receives the whole reply, so that the
	// server is known to be done, forwards none of it, and cuts.
	Swallow
	// Late is for requests: the proxy disconnects the client at once and delivers
	// its whole request to the server after Action.For or Until.
	Late
	// Delay forwards the message after Action.For or Until.
	Delay
	// Silence stops both directions for Action.For with the connection open, and
	// then forwards the message.
	Silence
	// SilenceThenCut is Silence with a cut at its end.
	SilenceThenCut
)

// Action is what the proxy does with one message.
type Action struct {
	// Kind is what happens to the message. Default: Pass.
	Kind Kind
	// Ending is how a cut ends the connection. Default: FIN.
	Ending Ending
	// For is how long the kinds that wait do so. Default: not at all.
	For time.Duration
	// Until replaces For in Late and Delay: the wait ends when the channel is
	// closed. It is for tests that control the order of events. Default: For
	// applies.
	Until <-chan struct{}
}

// Plan chooses the action for each message after the startup phase. Many
// goroutines call it; the messages of one direction of a connection come in order.
type Plan func(Message) Action

// PassAll is the plan of a healthy network.
func PassAll(Message) Action { return Action{} }

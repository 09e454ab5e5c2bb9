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

// Message is one message of the protocol, as a [Plan] sees it before it is
// passed on. Nothing of the startup phase is shown.
type Message struct {
	// From is the side that sent it.
	From Side
	// Type is the message's first byte, such as 'Q' for a simple query or 'C'
	// for the completion of a command.
	Type byte
	// Body is what follows the length. It is valid during the call only.
	Body []byte
}

// EndsRequest reports whether the server starts to answer after this message:
// a simple query, or the Sync at the end of an extended one.
func (m Message) EndsRequest() bool {
	return m.From == Client && (m.Type == 'Q' || m.Type == 'S')
}

// EndsReply reports whether this is ReadyForQuery: what was asked is done, and
// committed unless a transaction is open.
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

// Kind is what becomes of a message.
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
	// Swallow is for replies: the proxy receives the reply up to its end, so
	// that the server is known to be done, passes on nothing of it, and cuts.
	Swallow
	// Late is for requests: the client is cut off at once, while its request,
	// up to its end, reaches the server after Action.For or Until.
	Late
	// Delay forwards the message after Action.For or Until.
	Delay
	// Silence stops both directions for Action.For, connection open, and
	// forwards the message afterwards.
	Silence
	// SilenceThenCut is Silence with a cut at its end.
	SilenceThenCut
)

// Action is what the proxy does with one message.
type Action struct {
	// Kind says what. Default: Pass.
	Kind Kind
	// Ending is how kinds that cut do it. Default: FIN.
	Ending Ending
	// For is the time of kinds that wait. Default: none.
	For time.Duration
	// Until ends the wait of Late and of Delay when it is closed, in place of For:
	// for tests that decide on the order of events. Default: For counts.
	Until <-chan struct{}
}

// Plan decides on every message after the startup phase. It is called from
// many goroutines, for one direction of one connection in order.
type Plan func(Message) Action

// PassAll is the plan of a healthy network.
func PassAll(Message) Action { return Action{} }

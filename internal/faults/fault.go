package faults

import (
	"math/rand/v2"
	"time"

	"github.com/assignment-go/assignment/internal/faultproxy"
)

const (
	// faultRate is the share of messages that a fault hits: enough for most calls
	// to meet one, too few for most calls to fail.
	faultRate = 0.3
	// maxDelay bounds delays, silences and late deliveries.
	maxDelay = 60 * time.Millisecond
)

// NetworkFault is a way in which a connection breaks.
type NetworkFault struct {
	// Name is its name in the table.
	Name string
	// Mix lists the operations of the callers; nil means CommonMix.
	Mix []Op
	// at selects the messages that the fault can hit.
	at func(faultproxy.Message) bool
	// action is what the proxy does with a message that is hit.
	action func() faultproxy.Action
}

// Plan returns a plan that hits some of the messages that the fault can hit.
func (f NetworkFault) Plan() faultproxy.Plan {
	return func(m faultproxy.Message) faultproxy.Action {
		if !f.at(m) || rand.Float64() >= faultRate {
			return faultproxy.Action{}
		}
		return f.action()
	}
}

// AnyFault returns a plan that mixes all faults.
func AnyFault() faultproxy.Plan {
	all := NetworkFaults()
	return func(m faultproxy.Message) faultproxy.Action {
		return all[rand.N(len(all))].Plan()(m)
	}
}

// NetworkFaults returns all network faults.
func NetworkFaults() []NetworkFault {
	return []NetworkFault{
		{Name: "cut before request", at: startsRequest, action: cut(faultproxy.CutBefore)},
		{Name: "cut inside request", at: startsRequest, action: cut(faultproxy.CutInside)},
		{Name: "cut after request", at: endsRequest, action: cut(faultproxy.CutAfter)},
		{Name: "reply lost", at: startsReply, action: cut(faultproxy.Swallow)},
		{Name: "cut inside reply", at: insideReply, action: cut(faultproxy.CutInside)},
		{Name: "cut at end of reply", at: endsReply, action: cut(faultproxy.CutBefore)},
		{Name: "cut after reply", at: endsReply, action: cut(faultproxy.CutAfter)},
		{Name: "cut before COMMIT's reply", at: commits, action: cut(faultproxy.Swallow), Mix: TransactionMix()},
		{Name: "cut after COMMIT's reply", at: commits, action: cut(faultproxy.CutAfter), Mix: TransactionMix()},
		{Name: "request arrives late", at: startsRequest, action: wait(faultproxy.Late)},
		{Name: "delay of request", at: startsRequest, action: wait(faultproxy.Delay)},
		{Name: "delay of reply", at: startsReply, action: wait(faultproxy.Delay)},
		{Name: "black hole", at: endsRequest, action: wait(faultproxy.Silence)},
		{Name: "black hole, then cut", at: startsReply, action: wait(faultproxy.SilenceThenCut)},
	}
}

func startsRequest(m faultproxy.Message) bool {
	return m.From == faultproxy.Client && (m.Type == 'Q' || m.Type == 'P' || m.Type == 'B')
}

func endsRequest(m faultproxy.Message) bool { return m.EndsRequest() }

func startsReply(m faultproxy.Message) bool {
	return m.From == faultproxy.Server && (m.Type == '1' || m.Type == '2')
}

func insideReply(m faultproxy.Message) bool {
	return m.From == faultproxy.Server && (m.Type == 'T' || m.Type == 'D')
}

func endsReply(m faultproxy.Message) bool { return m.EndsReply() }

func commits(m faultproxy.Message) bool { return m.Completes("COMMIT") }

func cut(kind faultproxy.Kind) func() faultproxy.Action {
	return func() faultproxy.Action {
		return faultproxy.Action{Kind: kind, Ending: ending()}
	}
}

func wait(kind faultproxy.Kind) func() faultproxy.Action {
	return func() faultproxy.Action {
		return faultproxy.Action{Kind: kind, Ending: ending(), For: rand.N(maxDelay)}
	}
}

func ending() faultproxy.Ending {
	if rand.N(2) == 0 {
		return faultproxy.RST
	}
	return faultproxy.FIN
}

// Package faults runs the PostgreSQL store through failures of the network,
// the server and the pooler, and then checks that every answer was true.
//
// Callers create, ensure, complete and reopen assignments on few keys, each
// through a proxy of its own that breaks connections at chosen messages, while
// the server may be shot at as well. Every answer goes into a [Ledger]; a
// trigger keeps every state of every row. Afterwards these must hold:
//
//   - I1: at most one active row per key, at every moment of the history and
//     whenever somebody looked.
//   - I2: every active row was reported created to exactly one call, or to it
//     as unknown.
//   - I3: no conflict was reported against one's own row.
//   - I4: every row that was reported exists, in the very state that was
//     reported.
//   - I5: no call that reported a failure has written anything.
//   - I6: every error is exactly one of the package's sentinels, or the
//     context's.
//
// [Chaos] has all of it happen at once, to all drivers on one table.
package faults

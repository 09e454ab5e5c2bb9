package pgdb

import "errors"

// notSentError marks a failure before anything reached the server.
type notSentError struct{ err error }

// NotSent marks err as having happened before anything reached the server. The
// same call may succeed on another connection.
func NotSent(err error) error {
	if err == nil {
		return nil
	}
	return &notSentError{err: err}
}

func (e *notSentError) Error() string { return "nothing was sent: " + e.err.Error() }

func (e *notSentError) Unwrap() error { return e.err }

// IsNotSent reports whether err is marked by [NotSent].
func IsNotSent(err error) bool {
	_, ok := errors.AsType[*notSentError](err)
	return ok
}

// inClientError marks a failure of the driver, with what it was given.
type inClientError struct {
	err       error
	parameter int
}

// InClient marks err as a failure inside this process that no connection can
// fix, such as a parameter that can't be encoded: nothing was sent. The
// parameter is the number of the one that failed, from 1; zero when that is not
// known.
func InClient(err error, parameter int) error {
	if err == nil {
		return nil
	}
	return &inClientError{err: err, parameter: parameter}
}

func (e *inClientError) Error() string { return "the driver can't send it: " + e.err.Error() }

func (e *inClientError) Unwrap() error { return e.err }

// IsInClient reports whether err is marked by [InClient], and returns the number
// of the parameter that failed.
func IsInClient(err error) (parameter int, ok bool) {
	failure, ok := errors.AsType[*inClientError](err)
	if !ok {
		return 0, false
	}
	return failure.parameter, true
}

// unreadableError marks a reply that was received.
type unreadableError struct{ err error }

// Unreadable marks err as a failure to make sense of a reply: the statement has
// run, and to run it again would not make its reply any better.
func Unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &unreadableError{err: err}
}

func (e *unreadableError) Error() string { return "the reply can't be read: " + e.err.Error() }

func (e *unreadableError) Unwrap() error { return e.err }

// IsUnreadable reports whether err is marked by [Unreadable].
func IsUnreadable(err error) bool {
	_, ok := errors.AsType[*unreadableError](err)
	return ok
}

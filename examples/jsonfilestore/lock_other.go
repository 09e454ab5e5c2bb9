//go:build !unix || solaris || aix

package jsonfilestore

import (
	"context"

	"github.com/assignment-go/assignment"
)

// lock refuses: without flock nothing keeps a second process out.
func lock(context.Context, string) (unlock func(), err error) {
	return nil, &assignment.UnsupportedError{Ability: "flock", Reason: "this platform has none, so writers can't exclude each other"}
}

//go:build !unix || solaris || aix

package jsonfilestore

import (
	"context"

	"github.com/assignment-go/assignment"
)

// lock returns an error: without flock nothing excludes a second process.
func lock(context.Context, string) (unlock func(), err error) {
	return nil, &assignment.UnsupportedError{Ability: "flock", Reason: "this platform lacks it, so that writers can't exclude each other"}
}

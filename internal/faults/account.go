//go:build unix

package faults

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the user that a server program runs as: neither PostgreSQL nor
// pgbouncer runs as root. Nil is the current user.
type account struct {
	uid, gid int
}

// unprivileged returns the account for server programs.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		return &account{uid: uid, gid: gid}, errors.Join(uidErr, gidErr)
	}
	return nil, errors.New("PostgreSQL and pgbouncer do not run as root: create a user postgres, or run the tests as another user")
}

// directory makes a temporary directory that belongs to the account.
func (a *account) directory(pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil || a == nil {
		return dir, err
	}
	return dir, os.Chown(dir, a.uid, a.gid)
}

func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // IDs from the user database fit
}

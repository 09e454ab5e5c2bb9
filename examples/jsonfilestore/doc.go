// Package jsonfilestore stores assignments in one JSON file, safely for several
// processes on one machine. It is the example of docs/drivers.md: small, complete
// and correct, but meant to be read rather than used, since each write rewrites the
// file.
//
// A lock on a second file serialises writers. Each writes a new file, syncs it to
// disk and renames it, which is atomic: readers need no lock and never see a partial
// write. The lock is flock, so the store needs Unix and a local file system.
package jsonfilestore

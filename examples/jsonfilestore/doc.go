// Package jsonfilestore keeps assignments in one JSON file, safely for several
// processes on one machine. It is the example of docs/drivers.md: small, whole
// and right, and meant to be read rather than used, since each write rewrites
// the file.
//
// Writers take turns by a lock on a second file. Each writes a new file beside
// the old one, forces it to disk and renames it, which is atomic: readers need
// no lock and never see half a write. It needs flock, so it runs on Unix, on a
// local file system.
package jsonfilestore

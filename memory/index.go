package memory

import (
	"hash/maphash"

	"github.com/assignment-go/assignment"
)

// index finds rows by a key of theirs. It maps hashes, not keys: such a map grows
// by moving numbers, while one of keys reads every string again, which is half
// of what Create costs in a large store.
type index[K comparable] struct {
	hash  func(K) uint64
	keyOf func(*assignment.Assignment) K

	rows map[uint64]*assignment.Assignment
	// strays are rows whose hash was that of another one already.
	strays map[K]*assignment.Assignment
}

func newIndex[K comparable](hash func(K) uint64, keyOf func(*assignment.Assignment) K) *index[K] {
	return &index[K]{
		hash: hash, keyOf: keyOf,
		rows: make(map[uint64]*assignment.Assignment), strays: make(map[K]*assignment.Assignment),
	}
}

func indexByID() *index[assignment.ID] {
	seed := maphash.MakeSeed()
	return newIndex(
		func(id assignment.ID) uint64 { return maphash.String(seed, string(id)) },
		func(row *assignment.Assignment) assignment.ID { return row.ID })
}

func indexByKey() *index[assignment.Key] {
	seed := maphash.MakeSeed()
	return newIndex(
		func(k assignment.Key) uint64 { return maphash.Comparable(seed, k) },
		func(row *assignment.Assignment) assignment.Key { return row.Key })
}

// get returns nil when there is no such row.
func (x *index[K]) get(k K) *assignment.Assignment {
	if row := x.rows[x.hash(k)]; row != nil && x.keyOf(row) == k {
		return row
	}
	return x.strays[k]
}

// set files the row, which has the key or is about to get it.
func (x *index[K]) set(k K, row *assignment.Assignment) {
	h := x.hash(k)
	if other := x.rows[h]; other != nil && x.keyOf(other) != k {
		x.strays[k] = row
		return
	}
	x.rows[h] = row
	delete(x.strays, k)
}

// remove needs the row to have the key still.
func (x *index[K]) remove(k K) {
	h := x.hash(k)
	if row := x.rows[h]; row != nil && x.keyOf(row) == k {
		delete(x.rows, h)
	}
	delete(x.strays, k)
}

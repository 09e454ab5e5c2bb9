package strategy

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/assignment-go/assignment/bench/internal/stage"
)

const (
	// maxSerializable bounds the attempts of a call.
	maxSerializable = 100
	// The bound of the random pause before another attempt doubles from firstPause
	// to maxPause.
	firstPause = 500 * time.Microsecond
	maxPause   = 16 * time.Millisecond
)

// serializable relies on the server to detect the race, and retries the loser.
type serializable struct {
	steps

	pool *pgxpool.Pool
}

func openSerializable(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &serializable{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (s *serializable) Create(ctx context.Context, r Request) (Outcome, error) {
	pause := firstPause
	for attempt := range maxSerializable {
		outcome, err := s.once(ctx, r)
		if !hasCode(err, "40001", "40P01") {
			outcome.Retries = attempt
			return outcome, err
		}
		if err := wait(ctx, rand.N(pause)); err != nil {
			return Outcome{Retries: attempt}, err
		}
		pause = min(2*pause, maxPause)
	}
	return Outcome{Retries: maxSerializable}, errors.New("100 attempts failed to serialize")
}

func (s *serializable) once(ctx context.Context, r Request) (outcome Outcome, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
		outcome, err = s.checkThenCreate(ctx, tx, r)
		return err
	})
	if err != nil {
		outcome = Outcome{}
	}
	return outcome, err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const lockKey = `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`

// advisory serialises the callers of a key with an advisory lock on its hash.
type advisory struct {
	steps

	pool *pgxpool.Pool
}

func openAdvisory(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	if err != nil {
		return nil, err
	}
	return &advisory{prepared, s.Pgx}, s.Prepare(ctx, lockKey)
}

// Create implements [Creator].
func (a *advisory) Create(ctx context.Context, r Request) (outcome Outcome, err error) {
	err = pgx.BeginTxFunc(ctx, a.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		taken, err := a.lockAndLookUp(ctx, tx, r)
		if err != nil || taken {
			return err
		}
		outcome.Created = true
		return a.create(ctx, tx, r)
	})
	if err != nil {
		outcome = Outcome{}
	}
	return outcome, err
}

// lockAndLookUp sends both statements in one round trip. One statement would not do:
// the lookup needs a snapshot from after the lock was acquired.
func (a *advisory) lockAndLookUp(ctx context.Context, tx pgx.Tx, r Request) (taken bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue(lockKey, r.AssigneeID, r.SubjectID)
	batch.Queue(a.lookup, r.AssigneeID, r.SubjectID).Query(func(rows pgx.Rows) error {
		taken = rows.Next()
		rows.Close()
		return rows.Err()
	})
	err = tx.SendBatch(ctx, batch).Close()
	return taken, err
}

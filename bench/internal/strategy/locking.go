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
	// maxSerializable bounds the attempts of one call.
	maxSerializable = 100
	// The pause before another attempt doubles from firstPause to maxPause, and
	// is then any part of that.
	firstPause = 500 * time.Microsecond
	maxPause   = 16 * time.Millisecond
)

// serializable lets the server find the race and runs the loser again.
type serializable struct {
	steps

	pool *pgxpool.Pool
}

func openSerializable(ctx context.Context, s *stage.Stage, table string) (Creator, error) {
	prepared, err := prepareSteps(ctx, s, table)
	return &serializable{prepared, s.Pgx}, err
}

// Create implements [Creator].
func (s *serializable) Create(ctx context.Context, r Request) (Answer, error) {
	pause := firstPause
	for attempt := range maxSerializable {
		answer, err := s.once(ctx, r)
		if !hasCode(err, "40001", "40P01") {
			answer.Retries = attempt
			return answer, err
		}
		if err := wait(ctx, rand.N(pause)); err != nil {
			return Answer{Retries: attempt}, err
		}
		pause = min(2*pause, maxPause)
	}
	return Answer{Retries: maxSerializable}, errors.New("serialization failed 100 times")
}

func (s *serializable) once(ctx context.Context, r Request) (answer Answer, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
		answer, err = s.checkThenCreate(ctx, tx, r)
		return err
	})
	if err != nil {
		answer = Answer{}
	}
	return answer, err
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

// advisory serialises the callers of a key by a lock on its hash.
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
func (a *advisory) Create(ctx context.Context, r Request) (answer Answer, err error) {
	err = pgx.BeginTxFunc(ctx, a.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		taken, err := a.lockAndLook(ctx, tx, r)
		if err != nil || taken {
			return err
		}
		answer.Created = true
		return a.create(ctx, tx, r)
	})
	if err != nil {
		answer = Answer{}
	}
	return answer, err
}

// lockAndLook sends both statements in one round trip. They stay two: the look
// needs a snapshot from after the lock was had.
func (a *advisory) lockAndLook(ctx context.Context, tx pgx.Tx, r Request) (taken bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue(lockKey, r.AssigneeID, r.SubjectID)
	batch.Queue(a.look, r.AssigneeID, r.SubjectID).Query(func(rows pgx.Rows) error {
		taken = rows.Next()
		rows.Close()
		return rows.Err()
	})
	err = tx.SendBatch(ctx, batch).Close()
	return taken, err
}

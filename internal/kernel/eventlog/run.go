package eventlog

import (
	"context"
	"log/slog"
	"time"

	"breakwater/internal/fault"
)

const (
	checkpointEvery = time.Second
	// sealPause gathers facts between two sealing transactions: under load a
	// batch has hundreds, and the database at most 50 such transactions a second.
	sealPause = 20 * time.Millisecond
	// sealPoll finds the facts of nodes that run no sealer, and after a restart.
	sealPoll = 250 * time.Millisecond
)

// Run seals what waits and signs a checkpoint about every second when the log
// has grown, until ctx ends. Any number of nodes may run it at once. A store
// that is briefly away is tried again; a damaged tree ends it, because a human
// must act.
//
// Faults: Internal "eventlog.damaged".
func (l *Log) Run(ctx context.Context) error {
	var poll <-chan time.Time // none on SQLite, where only a restore leaves facts waiting
	if l.Shared() {
		t := time.NewTicker(sealPoll)
		defer t.Stop()
		poll = t.C
	}
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		err := l.sealAll(ctx)
		for err == nil {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				if err = l.checkpointIfMoved(ctx); err == nil {
					err = l.indexStreams(ctx)
				}
				continue
			case <-l.todo:
				pause(ctx, sealPause)
			case <-poll:
			}
			err = l.sealAll(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case fault.Is(err, "eventlog.damaged"):
			return err
		}
		slog.WarnContext(ctx, "eventlog.run", "error", err)
		pause(ctx, time.Second)
	}
}

// checkpointIfMoved skips the read when this process alone writes the log and
// has already shown its end.
func (l *Log) checkpointIfMoved(ctx context.Context) error {
	e, c := l.edge.get(), l.shown.Load()
	if e != nil && c != nil && c.size == e.size && !l.Shared() {
		return nil
	}
	_, err := l.sign(ctx)
	return err
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

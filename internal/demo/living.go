package demo

import (
	"context"
	"log/slog"
	"time"

	"breakwater/internal/kernel/place"
	"breakwater/internal/storage"
)

// liveEvery is how often a demonstration is brought to the present. Reports are held
// against a promise once a day, so minutes do not matter.
const liveEvery = 5 * time.Minute

// mended is how long after a firm was suspended for want of masks more of them came: a
// visitor of the same day still finds it.
const mended = 20 * time.Hour

// Live brings a demonstration to the present until ctx ends: what was made up once would
// be a district in which nobody reports any more, and after a day its firms would be
// suspended for it. What fails is tried again.
func Live(ctx context.Context, st Stage) error {
	t := time.NewTicker(liveEvery)
	defer t.Stop()
	var c crowd
	for {
		if err := present(ctx, st, &c); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the demonstration stands still for a while; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// Present is one step: the people of the first firms report as they did in the days
// before, at their own minute of the morning; those of every firm that works come to the
// gates and go home; who was inside overnight has left; meters are read and firms count
// their masks. All of it goes through the verbs everybody uses. A demonstration that was
// stopped makes up for today, not for the days between.
func Present(ctx context.Context, st Stage) error { return present(ctx, st, &crowd{}) }

func present(ctx context.Context, st Stage, c *crowd) error {
	if err := offered(ctx, st); err != nil {
		return err
	}
	now, resume := st.Clock(), st.Resume()
	day := now.In(st.Home().Location())
	from := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
	people, last, err := resume.Unreported(ctx)
	if err != nil {
		return err
	}
	for _, person := range people {
		at, says, tenths := morning(person, from)
		if !says || !at.After(last) || at.After(now) {
			continue // not today, or it was settled when the last were made up, or not yet
		}
		if err := resume.ReportInvented(ctx, person, tenths); err != nil {
			return err
		}
	}
	var gates []string
	if err := st.DB.Read(ctx, func(r storage.Reader) error {
		list, err := place.All(r, place.Gate)
		gates = gates[:0]
		for _, g := range list {
			gates = append(gates, g.ID)
		}
		return err
	}); err != nil {
		return err
	}
	if _, err := resume.SendHome(ctx, gates); err != nil {
		return err
	}
	if now.Before(from.Add(7 * time.Hour)) {
		return nil // nobody comes or goes at night
	}
	if err := c.walk(ctx, st, now, from); err != nil {
		return err
	}
	if err := meters(ctx, st, from); err != nil {
		return err
	}
	if now.Before(from.Add(11 * time.Hour)) {
		return nil
	}
	_, err = resume.Restock(ctx, mended)
	return err
}

// morning is when a person reports on a day, and what. It is drawn from who and which
// day, so that it does not matter how often one asks.
func morning(person string, day time.Time) (at time.Time, says bool, tenths int64) {
	r := drawn(person, day, 0)
	at = day.Add(7*time.Hour + 50*time.Minute + spread(r.NormFloat64(), 40*time.Minute))
	if r.IntN(4) == 0 {
		tenths = 362 + r.Int64N(7)
	}
	return at, r.IntN(100) < 96, tenths
}

package workresume_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/service/workresume"
)

// published is everything that anybody sees now, as text.
func (w *world) published() string {
	w.t.Helper()
	p, err := w.OpenPicture(w.t.Context())
	must(w.t, err)
	b, err := json.Marshal(p)
	must(w.t, err)
	return string(b)
}

// openTotal is the district's published line.
func (w *world) openTotal() workresume.OpenPart {
	w.t.Helper()
	p, err := w.OpenPicture(w.t.Context())
	must(w.t, err)
	return p.Total
}

// Within an hour nothing of what is published moves, whatever a firm does and however
// long is waited; at another server of the store, and after a restart, it is the same.
func TestPublishedByTheHour(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for range 4 {
			w.certified(w.park, 6)
		}
		p, err := w.OpenPicture(t.Context())
		must(t, err)
		if p.Total.Firms != 4 || p.Total.Resumed != 4 || p.Total.Declared != 20 || p.Total.Back != 20 || !p.Total.People {
			t.Errorf("published: %+v", p.Total) // 24 people, rounded
		}
		if !p.AsOf.Equal(w.hand.Now().Truncate(time.Minute)) || !p.Next.Equal(p.AsOf.Truncate(time.Hour).Add(time.Hour)) {
			t.Errorf("as of %v, next %v", p.AsOf, p.Next)
		}
		before := w.published()
		w.certified(w.park, 33)
		w.hand.Add(29 * time.Minute)
		if d := cmp.Diff(before, w.published()); d != "" {
			t.Errorf("one firm's act shows within the hour: %s", d)
		}
		again := workresume.New(w.Deps)
		kept, err := again.OpenPicture(t.Context())
		must(t, err)
		b, err := json.Marshal(kept)
		must(t, err)
		if d := cmp.Diff(before, string(b)); d != "" {
			t.Errorf("after a restart: %s", d)
		}

		// The next hour comes, and the one firm still does not show.
		w.hand.Add(time.Minute)
		if now := w.openTotal(); now != p.Total {
			t.Errorf("one firm came: %+v became %+v", p.Total, now)
		}
		if w.published() == before {
			t.Error("the hour is still the last one")
		}
		// With two more it does, all together.
		w.certified(w.park, 21)
		w.certified(w.park, 12)
		w.hand.Add(time.Hour)
		if now := w.openTotal(); now.Firms != 7 || now.Declared != 90 {
			t.Errorf("three came: %+v", now)
		}
	})
}

// A district of hardly anybody publishes nobody, and begins when there are enough.
func TestPublishedOfFew(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.certified(w.park, 40)
		w.certified(w.park, 40)
		if now := w.openTotal(); now.Firms != 0 || now.Declared != 0 {
			t.Errorf("two firms: %+v", now)
		}
		w.certified(w.park, 40)
		w.hand.Add(2 * time.Second)
		if now := w.openTotal(); now.Firms != 3 || now.Declared != 120 {
			t.Errorf("three firms: %+v", now)
		}
	})
}

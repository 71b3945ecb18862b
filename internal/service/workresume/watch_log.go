package workresume

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// followLog tells the watcher what the log says, until ctx ends: on a store that other
// processes write to, it is where everybody's facts are heard, ours too. at is the
// log's size before anything was read; what was in the snapshot already is known
// again by its reference.
func (s *Service) followLog(ctx context.Context, at int64) error {
	for {
		woken := s.Log.Wait()
		recs, err := s.Log.Since(ctx, at, 1000)
		if err == nil {
			err = s.hearFacts(ctx, recs)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !away(err):
			return err
		case err == nil && len(recs) > 0:
			at = recs[len(recs)-1].Seq
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-time.After(heardMost / 4):
		}
	}
}

func (s *Service) hearFacts(ctx context.Context, recs []eventlog.Record) error {
	var sights []sighted
	for _, rec := range recs {
		verb, ours := strings.CutPrefix(rec.Name, "workresume.")
		if !ours {
			continue
		}
		if firm, ok := strings.CutPrefix(rec.Stream, "firm:"); ok {
			if verb != factCodesSigned {
				s.watch.mark(firm, peopleMove(verb))
			}
			continue
		}
		if verb == factPolicyBegun {
			s.watch.mark("demo", true)             // it may be the promise
			if err := s.Refresh(ctx); err != nil { // or what forms here are drawn by
				return err
			}
		}
		if verb == factMetersRead {
			var b metersBody
			if err := json.Unmarshal(rec.Body, &b); err != nil {
				return err
			}
			for _, firm := range b.Firms {
				s.watch.mark(firm, false)
			}
			continue
		}
		if t, ok, err := s.heardHealth(rec, verb); ok || err != nil {
			if err != nil {
				return err
			}
			sights = append(sights, t)
			continue
		}
		gate, ok := strings.CutPrefix(rec.Stream, "gate:")
		if !ok || rec.Erased || verb != factChecked && verb != factUndone {
			continue
		}
		t, err := s.heardCheck(ctx, gate, verb, rec)
		if err != nil {
			return err
		}
		sights = append(sights, t)
	}
	if len(sights) > 0 {
		s.watch.sight(sights...)
	}
	return nil
}

// heardCheck is a check as the log tells it.
func (s *Service) heardCheck(ctx context.Context, gate, verb string, rec eventlog.Record) (sighted, error) {
	var b checkedBody // of one taken back, the reference only
	if err := json.Unmarshal(rec.Body, &b); err != nil {
		return sighted{}, err
	}
	t := sighted{person: rec.Subject, key: gate + "/" + b.Reference, dir: b.Direction, code: b.Code, at: rec.At, undone: verb == factUndone}
	if !b.Made.IsZero() {
		t.at = b.Made
	}
	if b.Code == CheckOK {
		t.count = 1
		if b.Direction == Out {
			t.count = -1
		}
	}
	if !t.undone && b.Code != CheckNotListed {
		return t, nil
	}
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		if t.undone {
			var at int64
			if err := r.Row(`select code, counted, at from workresume_check where gate = $1 and check_id >= $2 and reference = $3 order by check_id desc limit 1`,
				gate, checksSince(rec.At.Add(-UndoWithin-time.Minute)), b.Reference).
				Scan(&t.code, &t.count, &at); err != nil {
				return err
			}
			t.at = time.UnixMicro(at)
		}
		g, err := s.Places.Gate(r, gate)
		t.firm = g.Firm
		return err
	})
	return t, err
}

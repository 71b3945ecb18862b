package privacy

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Look is one time somebody opened a person's details: in which office, and why.
type Look struct {
	At     time.Time
	Role   auth.Role
	Place  string // "" where the office has gone since
	Reason string
	What   string // "" for name and numbers, party.HealthSeen for health reports, party.Appealed for an appeal, party.VoucherSeen for a voucher at a counter
}

// seenMost is how many looks are shown, the newest.
const seenMost = 200

// Seen lists who opened by's own details, newest first, from the facts.
// Faults: Denied.
func (s *Service) Seen(ctx context.Context, by auth.Principal) ([]Look, error) {
	person, err := own(by)
	if err != nil {
		return nil, err
	}
	var records []party.Record
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		records, err = s.Parties.Same(r, person)
		return err
	}); err != nil {
		return nil, err
	}
	var out []Look
	for _, x := range records { // whichever of one's records was opened
		looks, err := s.looks(ctx, x.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, looks...)
	}
	slices.SortStableFunc(out, func(a, b Look) int { return b.At.Compare(a.At) })
	return out[:min(len(out), seenMost)], nil
}

// looks are those at one record, newest first.
func (s *Service) looks(ctx context.Context, person string) ([]Look, error) {
	facts, err := s.Log.Stream(ctx, party.Stream(person), 1000)
	if err != nil {
		return nil, err
	}
	var out []Look
	for _, f := range facts {
		if f.Name != party.Revealed || len(out) == seenMost {
			continue
		}
		var body party.RevealedBody
		if err := json.Unmarshal(f.Body, &body); err != nil {
			continue // its key is gone
		}
		l := Look{At: f.At, Reason: body.Reason, What: body.What}
		if l.Role, l.Place, err = s.Actors.Actor(ctx, f.Actor); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

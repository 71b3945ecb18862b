package privacy

import (
	"context"
	"encoding/json"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
)

// Look is one time somebody opened a person's details: in which office, and why.
type Look struct {
	At     time.Time
	Role   auth.Role
	Place  string // "" where the office has gone since
	Reason string
	What   string // "" for name and numbers, party.HealthSeen for health reports
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

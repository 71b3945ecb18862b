package ration

import (
	"context"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// DeskInput is a booking for somebody at the desk.
type DeskInput struct {
	Paper
	ClaimInput
}

// ClaimAtDesk books for somebody who came to the desk. Whoever the district did not know
// is known from then on; the campaign's rule is the same as for everybody. Where a room
// waits they have a place in it from then on, and are booked for when their turn has come.
//
// Faults: as Claim; Invalid with fields for the paper; Conflict "ration.place_taken" with
// the place's short code.
func (s *Service) ClaimAtDesk(ctx context.Context, by auth.Principal, in DeskInput) (Allotment, error) {
	var c *opened
	if err := s.atDesk(ctx, by, func(r storage.Reader) error {
		o, err := s.offer(r, in.Offer)
		if err == nil {
			c, err = s.campaign(r, o.Campaign)
		}
		return err
	}); err != nil {
		return Allotment{}, err
	}
	who, err := s.known(ctx, by, in.Paper)
	if err != nil {
		return Allotment{}, err
	}
	in.For = who
	a, err := s.Claim(ctx, by, in.ClaimInput)
	if fault.Is(err, "ration.join_first") || fault.Is(err, "ration.not_open") && c.Give.Queue {
		place, err := s.JoinQueue(ctx, by, QueueInput{Campaign: c.ID, For: who, Address: in.Address, Answers: in.Answers})
		if err != nil {
			return a, err
		}
		return a, fault.New(fault.Conflict, "ration.place_taken", "code", place.Code)
	}
	return a, err
}

// DeskEntry is a part in a draw for somebody at the desk.
type DeskEntry struct {
	Paper
	EnterInput
}

// EnterAtDesk enters somebody who came to the desk for a campaign's next draw. Whoever
// enters themself later alters the point and nothing else.
//
// Faults: as EnterDraw; Invalid with fields for the paper.
func (s *Service) EnterAtDesk(ctx context.Context, by auth.Principal, in DeskEntry) (Entry, error) {
	if err := s.atDesk(ctx, by, func(r storage.Reader) error {
		c, err := s.campaign(r, in.Campaign)
		if err == nil && c.Who.Asks != ByPerson {
			err = fault.New(fault.Denied, "ration.firms_only")
		}
		return err
	}); err != nil {
		return Entry{}, err
	}
	who, err := s.known(ctx, by, in.Paper)
	if err != nil {
		return Entry{}, err
	}
	in.For = who
	list, err := s.EnterDraw(ctx, by, in.EnterInput)
	if err != nil {
		return Entry{}, err
	}
	return list[0], nil
}

// atDesk permits an officer, and looks whether there is what is asked for: nobody is
// written down for what does not exist.
func (s *Service) atDesk(ctx context.Context, by auth.Principal, look func(storage.Reader) error) error {
	if err := by.Permit(MayEnter, Grants, s.district()); err != nil {
		return err
	}
	return s.Store.Read(ctx, look)
}

// Waiting lists the campaigns that were asked for and wait for a second person, the
// oldest first: those by asked for and those by may confirm.
//
// Faults: Denied.
func (s *Service) Waiting(ctx context.Context, by auth.Principal) (list []dual.Act, err error) {
	if err := by.Permit(MayOpen, Grants, s.district()); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, _, err = s.Acts.Pending(r, by, dual.Filter{Kinds: []string{ActOpen}})
		return err
	})
	return list, err
}

// pointsMost is how many shops and depots are opened at once.
const pointsMost = 500

// OpenPoints adds shops and depots: all or none. One that is there as it is asked for is
// left as it is, so that the same list again is harmless.
//
// Faults: Denied; Invalid with a field "point.<n>" for each that is wrong.
func (s *Service) OpenPoints(ctx context.Context, by auth.Principal, list []PointInput, key once.Key) (added int64, err error) {
	if err := by.Permit(MayPlan, Grants, s.district()); err != nil {
		return 0, err
	}
	bad := fault.New(fault.Invalid, "fault.fields")
	if len(list) == 0 || len(list) > pointsMost {
		return 0, bad.With("points", "ration.points_most", "most", pointsMost)
	}
	list = slices.Clone(list)
	seen := map[string]bool{}
	for i := range list {
		list[i] = list[i].folded()
		var f *fault.Error
		if err := list[i].check(); err != nil {
			f = fault.As(err)
		}
		switch {
		case f != nil:
			bad.With(fieldOf("point", i), f.Fields[0].Code, pairs(f.Fields[0].Args)...)
		case seen[list[i].Name]:
			bad.With(fieldOf("point", i), "ration.point_twice")
		}
		seen[list[i].Name] = true
	}
	if err := bad.OrNil(); err != nil {
		return 0, err
	}
	err = s.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		added, err = once.Do(tx, key, s.Clock(), func() (n int64, err error) {
			bad := fault.New(fault.Invalid, "fault.fields")
			for i, in := range list {
				switch _, err := s.openPoint(tx, by, in); {
				case err == nil:
					n++
				case !fault.Is(err, "fault.fields"):
					return 0, err
				default:
					same, err := s.samePoint(tx, in)
					if err != nil {
						return 0, err
					}
					if same != "" {
						bad.With(fieldOf("point", i), same)
					}
				}
			}
			return n, bad.OrNil()
		})
		return err
	})
	return added, err
}

// pairs are a fault's arguments as With takes them.
func pairs(args fault.Args) (out []any) {
	for name, v := range args {
		out = append(out, name, v)
	}
	return out
}

// samePoint is "" where the point of a name is what is asked for, or what is wrong.
func (s *Service) samePoint(r storage.Reader, in PointInput) (code string, err error) {
	p, err := scanPoint(r.Row(pointColumns+`where name = $1`, in.Name))
	switch {
	case !p.Closed.IsZero():
		return "ration.point_there_closed", err
	case p.Kind != in.Kind || p.Address != in.Address || p.Town != in.Town || p.Phone != in.Phone || micro(p.Lat) != micro(in.Lat) || micro(p.Lon) != micro(in.Lon):
		return "ration.point_there", err
	}
	return "", err
}

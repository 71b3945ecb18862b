package workresume

import (
	"context"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Helping is both directions of help, as one person sees them.
type Helping struct {
	Helped  []Help `json:"helped"`  // whom the caller reports for, with today's answer
	Helpers []Help `json:"helpers"` // who reports for the caller
	Most    int64  `json:"most"`    // people one private helper reports for
}

// Helping lists whom the caller helps and who helps the caller.
//
// Faults: Denied.
func (s *Service) Helping(ctx context.Context, by auth.Principal) (out Helping, err error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return out, err
	}
	if out.Most, err = s.limit("helped_most"); err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if out.Helped, err = s.helps(r, `h.helper = $2 and h.ended = 0`, by.Person); err != nil {
			return err
		}
		out.Helpers, err = s.helps(r, `h.helped = $2 and h.ended = 0`, by.Person)
		for i := range out.Helpers { // what is one's own stands on one's own page
			out.Helpers[i] = out.Helpers[i].Closed()
		}
		return err
	})
	return out, err
}

// HelpDesk lists the relations an officer finds, those of the own office first.
//
// Faults: Denied.
func (s *Service) HelpDesk(ctx context.Context, by auth.Principal) (own, others []Help, err error) {
	if err := by.Permit(MayArrange, Grants, by.Scope); err != nil {
		return nil, nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if own, err = s.helps(r, `h.helper = $2 and h.ended = 0`, by.Scope.String()); err != nil {
			return err
		}
		where, args := `h.helper <> $2 and h.scope = $2 and h.ended = 0`, []any{by.Scope.String()}
		if by.Scope == auth.District(s.District) {
			where = `h.helper <> $2 and h.ended = 0`
		}
		others, err = s.helps(r, where, args...)
		for i := range others { // an officer reads somebody's colour with a reason only
			others[i] = others[i].Closed()
		}
		return err
	})
	return own, others, err
}

// Closed is a relation without today's answer, for whoever is not the helper.
func (h Help) Closed() Help {
	h.Reported, h.Own, h.At, h.Level, h.Ends = false, false, time.Time{}, Green, time.Time{}
	h.TravelOwn, h.TravelAt = false, time.Time{}
	return h
}

func (s *Service) helpByID(r storage.Reader, id string) (Help, error) {
	list, err := s.helps(r, `h.help = $2`, id)
	if err == nil && len(list) == 0 {
		err = helpUnknown()
	}
	if err != nil {
		return Help{}, err
	}
	return list[0], nil
}

// helps reads relations with today's report and the colour of the helped.
func (s *Service) helps(r storage.Reader, where string, args ...any) ([]Help, error) {
	now := s.Clock()
	list, err := storage.All(r, func(rows *storage.Rows) (h Help, err error) {
		var since, ended, at, own, been, beenOwn int64
		var c colour
		if err := rows.Scan(c.dest([]any{&h.ID, &h.Person, &h.helper, &h.scope, &since, &ended, &at, &own, &been, &beenOwn})...); err != nil {
			return h, err
		}
		h.Since, h.Ended, h.At, h.Office = clock.FromMicros(since), instant(ended), instant(at), office(h.helper)
		h.Reported, h.Own = at > 0, own > 0
		h.TravelOwn, h.TravelAt = beenOwn > 0, instant(been)
		h.Level, h.Ends = colourOf(c, now)
		return h, nil
	}, `select p.help, p.helped, p.helper, p.scope, p.since, p.ended, coalesce(t.at, 0),
			coalesce((select max(o.turn) from workresume_report o where o.person = p.helped and o.day = $1 and o.way = 'own'), 0),
			coalesce((select w.at from workresume_travel w where w.person = p.helped), 0),
			coalesce((select 1 from workresume_travel w where w.person = p.helped and w.helper = ''), 0)`+colourColumns+` from (
			select h.help, h.helped, h.helper, h.scope, h.since, h.ended from workresume_help h where `+where+` order by h.help limit `+strconv.Itoa(helpListed)+`) p
		left join workresume_report t on t.person = p.helped and t.day = $1 and t.turn = 1`+colourJoin+`p.helped order by p.help`,
		append([]any{s.today().String()}, args...)...)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, 2*len(list))
	for _, h := range list {
		ids = append(ids, h.Person)
		if !h.Office {
			ids = append(ids, h.helper)
		}
	}
	names, err := s.Parties.Masked(r, ids...)
	for i := range list {
		list[i].Name = names[list[i].Person].Name
		list[i].Helper = names[list[i].helper].Name
	}
	return list, err
}

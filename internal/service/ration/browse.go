package ration

import (
	"context"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// View is a campaign as anybody may see it.
type View struct {
	*Campaign
	State  string
	Opened time.Time
	Closed time.Time
	File   []byte // as the officers opened it
}

// Campaigns lists the campaigns, the newest first. It is public.
func (s *Service) Campaigns(ctx context.Context) (list []View, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		ids, err := storage.All(r, func(rows *storage.Rows) (id string, err error) { return id, rows.Scan(&id) }, `select campaign from ration_campaign order by opened desc, campaign limit 200`)
		if err != nil {
			return err
		}
		list = list[:0]
		for _, id := range ids {
			c, err := s.campaign(r, id)
			if err != nil {
				return err
			}
			list = append(list, c.view())
		}
		return nil
	})
	return list, err
}

// CampaignView is one campaign. It is public. Faults: NotFound.
func (s *Service) CampaignView(ctx context.Context, id string) (v View, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		c, err := s.campaign(r, id)
		if err == nil {
			v = c.view()
		}
		return err
	})
	return v, err
}

func (c *opened) view() View { return View{c.Campaign, c.state, c.since, c.until, c.file} }

// Open is an offer with what is left of it.
type Open struct {
	Offer
	Left  int64 // pieces that can be claimed: none while its point is closed
	At    Point
	From  time.Time // when claims begin
	Until time.Time // when they end
	Fetch time.Time // the first moment of collecting
	Last  time.Time // when vouchers lapse; of what is sent when it should have left
}

// Offers lists a campaign's offers from a day on, by day, town and point; what is left of
// them is a second old at most. It is public.
//
// Faults: NotFound.
func (s *Service) Offers(ctx context.Context, campaign string, from Day, days int64) ([]Open, error) {
	var c *opened
	var offers []Offer
	at := map[string]Point{}
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if c, err = s.campaign(r, campaign); err != nil {
			return err
		}
		offers, err = storage.All(r, func(rows *storage.Rows) (Offer, error) { return scanOffer(rows) },
			offerColumns+`where campaign = $1 and day >= $2 and day < $3 and pieces > 0 order by day, point, part limit 10000`, campaign, int64(from), int64(from)+days)
		if err != nil {
			return err
		}
		points, err := storage.All(r, func(rows *storage.Rows) (Point, error) { return scanPoint(rows) }, pointColumns)
		for _, p := range points {
			at[p.ID] = p
		}
		return err
	}); err != nil {
		return nil, err
	}
	free, err := s.freeOf(ctx, c, offers)
	if err != nil {
		return nil, err
	}
	list := make([]Open, 0, len(offers))
	for _, o := range offers {
		v := Open{Offer: o, Left: free[o.account], At: at[o.Point], Last: s.last(c.Campaign, &o)}
		if !v.At.Closed.IsZero() {
			v.Left = 0
		}
		v.From, v.Until = s.hours(c.Campaign, o.Day)
		v.Fetch = s.fetch(c.Campaign, &o)
		list = append(list, v)
	}
	return list, nil
}

// Mine lists by's own allotments, the newest first: of the person, the family or the
// firm. Faults: Denied.
func (s *Service) Mine(ctx context.Context, by auth.Principal) (list []Allotment, err error) {
	if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if list, err = s.mine(r, by, 100); list == nil {
			list = []Allotment{}
		}
		if err != nil {
			return err
		}
		return s.withParcels(r, list)
	})
	return list, err
}

func (s *Service) mine(r storage.Reader, by auth.Principal, most int) ([]Allotment, error) {
	scan := func(rows *storage.Rows) (Allotment, error) { return scanAllotment(rows) }
	if by.Role == auth.Firm {
		return storage.All(r, scan, allotmentColumns+`where firm = $1 and firm <> '' order by at desc, transfer desc limit $2`, by.Scope.ID, most)
	}
	whose, err := s.familyOf(r, by.Person)
	if err != nil {
		return nil, err
	}
	in, args := storage.In(2, append(whose, by.Person))
	return storage.All(r, scan, everyRun+`a.person in (`+in+`) order by a.at desc, a.transfer limit $1`, append([]any{most}, args...)...)
}

// everyRun steps from run to run by the index and looks into each; see run.go.
const everyRun = `with recursive every (run) as (
select min(run) from ration_allotment
union all
select (select min(x.run) from ration_allotment x where x.run > every.run) from every where every.run is not null
) select a.offer, a.transfer, a.campaign, a.holder, a.person, a.firm, a.account, a.pieces, a.until, a.state, a.at, a.ended, a.lot
from every join ration_allotment a on a.run = every.run and `

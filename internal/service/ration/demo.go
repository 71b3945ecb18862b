package ration

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/draw"
	"breakwater/internal/kernel/once"
)

//go:embed demo/*.toml
var invented embed.FS

// Cast are the accounts by which a demonstration's supplies are made: everything goes
// through the verbs everybody uses.
type Cast struct {
	Officer, Second auth.Principal
	People          []auth.Principal // who entered yesterday's draw
	Firms           []auth.Principal // whose people did

	Opens time.Time // when the waiting room does
}

const demoSupply = 50_000_000 // pieces of each campaign: more than any visitor takes

// SeedDemo opens the demonstration's campaigns, as of yesterday morning, with shops, goods
// on their shelves, yesterday's draws held by witnesses, and offers for today and tomorrow.
func (s *Service) SeedDemo(ctx context.Context, cast Cast, towns []string) error {
	now := s.Clock()
	today := s.today()
	hand := clock.NewHand((today - 1).In(s.Zone).Add(9 * time.Hour))
	deps := s.Deps
	deps.Clock = hand.Now
	past := New(deps)
	shops, err := past.demoPoints(ctx, cast.Officer, towns)
	if err != nil {
		return err
	}
	ids, err := past.demoCampaigns(ctx, cast, shops)
	if err != nil {
		return err
	}
	if err := past.demoOffers(ctx, cast.Officer, ids, shops, today-1, 4); err != nil {
		return err
	}
	if err := past.demoEntries(ctx, cast, shops); err != nil {
		return err
	}
	for _, id := range [...]string{"tidewater-n95", "tidewater-firms"} {
		hand.Set((today - 1).In(s.Zone).Add(18 * time.Hour))
		if err := past.demoDraw(ctx, cast.Officer, id, today-1); err != nil {
			return err
		}
	}
	hand.Set(now)
	if err := past.DemoDays(ctx, cast.Officer); err != nil {
		return err
	}
	return past.demoRoom(ctx, cast.People)
}

// demoRoom has people wait for the opening; the first, who is a visitor, goes by themself.
func (s *Service) demoRoom(ctx context.Context, people []auth.Principal) error {
	for _, p := range people[min(1, len(people)):] {
		if _, err := s.JoinQueue(ctx, p, QueueInput{Campaign: "tidewater-children"}); err != nil {
			return err
		}
	}
	return nil
}

// DemoDays offers something today and tomorrow, where nobody did.
func (s *Service) DemoDays(ctx context.Context, officer auth.Principal) error {
	list, err := s.Campaigns(ctx)
	if err != nil {
		return err
	}
	all, err := s.Points(ctx)
	if err != nil {
		return err
	}
	var shops []Point
	for _, p := range all {
		if p.Kind == Shop {
			shops = append(shops, p)
		}
	}
	var ids []string
	for _, v := range list {
		if v.State == "open" {
			ids = append(ids, v.ID)
		}
	}
	for d := s.today(); d <= s.today()+1; d++ {
		if err := s.demoOffers(ctx, officer, ids, shops, d, 80); err != nil {
			return err
		}
	}
	return nil
}

// demoPoints opens three shops in each town, on streets that do not exist, and a depot.
func (s *Service) demoPoints(ctx context.Context, officer auth.Principal, towns []string) (shops []Point, err error) {
	names := [...]string{"康宁大药房", "海风药店", "惠民药房", "长风大药房", "晨光药店", "永安药房", "仁和堂药店", "福源大药房", "安澜药店"}
	for i, name := range names[:min(len(names), 3*len(towns))] {
		p, err := s.OpenPoint(ctx, officer, PointInput{
			Kind: Shop, Name: name, Address: fmt.Sprintf("潮汐路 %d 号", 12+i*26), Town: towns[i%len(towns)], Phone: fmt.Sprintf("0574-8800%04d", 1101+i),
			Lat: 29.9012 + float64(i%3)*0.0121 + float64(i)*0.0007, Lon: 121.6403 + float64(i/3)*0.0153 + float64(i)*0.0009,
		})
		if err != nil {
			return nil, err
		}
		shops = append(shops, p)
	}
	_, err = s.OpenPoint(ctx, officer, PointInput{Kind: Depot, Name: "潮生物资储备库", Address: "灯塔路 1 号", Town: towns[0], Lat: 29.9105, Lon: 121.6611})
	return shops, err
}

func (s *Service) demoCampaigns(ctx context.Context, cast Cast, shops []Point) (ids []string, err error) {
	names, err := fs.Glob(invented, "demo/*.toml")
	if err != nil {
		return nil, err
	}
	for i := len(names) - 1; i >= 0; i-- { // the first stands on top
		file, err := invented.ReadFile(names[i])
		if err != nil {
			return nil, err
		}
		c, err := ReadCampaign(file)
		if err != nil {
			return nil, err
		}
		if c.Give.Queue {
			file = bytes.Replace(file, []byte(`"`+c.Give.Opens.String()+`"`), []byte(cast.Opens.In(s.Zone).Format(`"15:04"`)), 1)
		}
		act, err := s.OpenCampaign(ctx, cast.Officer, OpenInput{File: file, Reason: "按供应方案启动"})
		if err != nil {
			return nil, err
		}
		if err := s.ConfirmOpen(ctx, cast.Second, act.ID, once.Key{}); err != nil {
			return nil, err
		}
		ids = append(ids, c.ID)
		if err := s.Supply(ctx, cast.Officer, c.ID, demoSupply, "市级储备调拨", once.Key{}); err != nil {
			return nil, err
		}
		for _, p := range shops {
			if _, err := s.Receive(ctx, cast.Officer, ReceiveInput{
				Campaign: c.ID, Point: p.ID, Maker: "潮生卫材厂", Number: fmt.Sprintf("B%d-0301", i+1), BestBefore: s.Clock().AddDate(2, 0, 0).Format(time.DateOnly), Pieces: 2400,
			}); err != nil {
				return nil, err
			}
		}
	}
	return ids, nil
}

// demoOffers offers pieces at every shop on a day, unless somebody did.
func (s *Service) demoOffers(ctx context.Context, officer auth.Principal, ids []string, shops []Point, d Day, shares int64) error {
	for _, id := range ids {
		c, err := s.CampaignView(ctx, id)
		if err != nil {
			return err
		}
		had, err := s.Offers(ctx, id, d, 1)
		if err != nil || len(had) > 0 {
			if err != nil {
				return err
			}
			continue
		}
		in := PlanInput{Campaign: id, Day: d}
		for i, p := range shops {
			for part := range max(len(c.Hand.Windows), 1) {
				// Some shops have little, so that something is soon gone.
				in.Offers = append(in.Offers, OfferInput{Point: p.ID, Part: int64(part), Pieces: c.share() * max(shares/int64(1+i%4), 1)})
			}
		}
		if _, err := s.Plan(ctx, officer, in); err != nil && !fault.Is(err, "ration.planned") && !fault.Is(err, "ration.supply_short") { // a visitor's own may have little
			return err
		}
	}
	return nil
}

// share is how many pieces one share is, about.
func (c *Campaign) share() int64 { return max(c.Share.Pieces, 1) }

// demoEntries has people and firms enter yesterday's draws.
func (s *Service) demoEntries(ctx context.Context, cast Cast, shops []Point) error {
	for i, p := range cast.People {
		if _, err := s.EnterDraw(ctx, p, EnterInput{Campaign: "tidewater-n95", Point: shops[i%len(shops)].ID, Answers: map[string]string{"resident": "yes"}}); err != nil {
			return err
		}
	}
	for i, p := range cast.Firms {
		if _, err := s.EnterDraw(ctx, p, EnterInput{Campaign: "tidewater-firms", Point: shops[i%len(shops)].ID}); err != nil {
			return err
		}
	}
	return nil
}

// demoDraw freezes a list and draws it by three witnesses, whose secrets are no secrets.
func (s *Service) demoDraw(ctx context.Context, officer auth.Principal, campaign string, d Day) error {
	id := campaign + "." + d.String()
	in := FreezeInput{Campaign: campaign, Day: d}
	var secrets [][]byte
	for _, name := range [...]string{"居民代表", "企业代表", "公证员"} {
		secret := sha256.Sum256([]byte("demonstration " + id + " " + name))
		secrets = append(secrets, secret[:])
		in.Witnesses = append(in.Witnesses, draw.Witness{Name: name, Commitment: draw.Commit(id, name, secret[:])})
	}
	_, err := s.Freeze(ctx, officer, in)
	if fault.Is(err, "ration.nothing_to_draw") {
		return nil
	}
	if err == nil {
		_, err = s.RunDraw(ctx, officer, campaign, d, secrets...)
	}
	return err
}

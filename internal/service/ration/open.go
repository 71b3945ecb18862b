package ration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// ActOpen is the act of opening a campaign: two people do it, since from then on its
// rule cannot be altered.
const ActOpen = "ration.open"

// ActKinds are the acts of two people that this service has.
func ActKinds() []dual.Kind {
	return []dual.Kind{{Name: ActOpen, May: MayOpen, Grants: Grants, Life: 7 * 24 * time.Hour}}
}

// Doors are where the acts are confirmed.
func (s *Service) Doors() map[string]dual.Door { return map[string]dual.Door{ActOpen: s.ConfirmOpen} }

// OpenAct is what a second person is asked to confirm.
type OpenAct struct {
	Campaign string `json:"campaign"`
	Digest   string `json:"digest"`
	File     string `json:"file"`
}

// OpenInput asks for a campaign by its file.
type OpenInput struct {
	File   []byte
	Reason string
	Key    once.Key
}

// opened is a campaign with its book.
type opened struct {
	*Campaign
	file  []byte
	state string
	since time.Time
	until time.Time // when it was closed
	read  time.Time // when state and until were

	book                                                        ledger.BookID
	source, supply, given, made, handed, spoiled, turns, turned ledger.AccountID
	quota                                                       ledger.QuotaID
}

// OpenCampaign asks for a campaign. It is open once a second person has confirmed the
// act.
//
// Faults: Denied; as ReadCampaign; Conflict "ration.campaign_there"; Invalid for the
// reason.
func (s *Service) OpenCampaign(ctx context.Context, by auth.Principal, in OpenInput) (act dual.Act, err error) {
	if err := by.Permit(MayOpen, Grants, s.district()); err != nil {
		return act, err
	}
	c, err := ReadCampaign(in.File)
	if err != nil {
		return act, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		id, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			if err := s.unknown(tx, c.ID); err != nil {
				return "", err
			}
			a, err := s.Acts.Propose(tx, by, dual.Proposal{
				Kind: ActOpen, Subject: "campaign:" + c.ID, Scope: []auth.Scope{s.district()}, Reason: in.Reason,
				Body: OpenAct{Campaign: c.ID, Digest: c.Digest, File: string(in.File)},
			})
			return a.ID, err
		})
		if err != nil {
			return err
		}
		act, err = s.Acts.Get(tx, by, id)
		return err
	})
	return act, err
}

func (s *Service) unknown(r storage.Reader, id string) error {
	var n int64
	err := r.Row(`select 1 from ration_campaign where campaign = $1`, id).Scan(&n)
	switch {
	case storage.NoRows(err):
		return nil
	case err != nil:
		return err
	}
	return fault.New(fault.Conflict, "ration.campaign_there").With("file", "ration.campaign_there")
}

// ConfirmOpen is the second person's yes: the campaign's book is opened.
//
// Faults: as dual.Store.Confirm; Conflict "ration.campaign_there".
func (s *Service) ConfirmOpen(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	c := s.asked(ctx, by, act)
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			_, err := s.Acts.Confirm(tx, by, ActOpen, act, func(a dual.Act) error {
				var want OpenAct
				if err := json.Unmarshal(a.Body, &want); err != nil {
					return err
				}
				return s.open(tx, by, act, []byte(want.File), c)
			})
			return act, err
		})
		return err
	})
}

// asked is the campaign of an act, read before the transaction: its rules are compiled,
// which others' writes should not wait for. nil where there is none to read; the act's
// own door then says why.
func (s *Service) asked(ctx context.Context, by auth.Principal, act string) (c *Campaign) {
	var a dual.Act
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) {
		a, err = s.Acts.Get(r, by, act)
		return err
	}); err != nil || a.Kind != ActOpen {
		return nil
	}
	var want OpenAct
	if err := json.Unmarshal(a.Body, &want); err != nil {
		return nil
	}
	if c, err := ReadCampaign([]byte(want.File)); err == nil {
		return c
	}
	return nil
}

// open opens a campaign's book and accounts. supply is what may be offered, given what
// holds of it bring; made is where goods come from, handed and spoiled where they go;
// turns are taken by shares that follow facts. c is what the file says.
func (s *Service) open(tx *storage.Tx, by auth.Principal, act string, file []byte, c *Campaign) (err error) {
	if sum := sha256.Sum256(file); c == nil || c.Digest != hex.EncodeToString(sum[:]) {
		if c, err = ReadCampaign(file); err != nil {
			return err
		}
	}
	if err := s.unknown(tx, c.ID); err != nil {
		return err
	}
	o := opened{Campaign: c}
	if o.book, err = s.Ledger.OpenBook(tx); err != nil {
		return err
	}
	for _, a := range []struct {
		into    *ledger.AccountID
		unit    string
		outside bool
	}{
		{&o.source, "promise", true},
		{&o.supply, "promise", false},
		{&o.given, "promise", false},
		{&o.made, "piece", true},
		{&o.handed, "piece", false},
		{&o.spoiled, "piece", false},
		{&o.turns, "turn", true},
		{&o.turned, "turn", false},
	} {
		names := map[*ledger.AccountID]string{&o.source: "source", &o.supply: "supply", &o.given: "given", &o.made: "made", &o.handed: "handed", &o.spoiled: "spoiled", &o.turns: "turns", &o.turned: "turned"}
		acc, err := s.Ledger.OpenAccount(tx, ledger.Account{Book: o.book, Unit: a.unit, Outside: a.outside, Purpose: names[a.into] + ":" + c.ID})
		if err != nil {
			return err
		}
		*a.into = acc.ID
	}
	q := c.quota()
	q.Book = o.book
	if q, err = s.Ledger.OpenQuota(tx, q); err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into ration_campaign
		(campaign, state, file, digest, book, source, supply, given, made, handed, spoiled, turns, turned, quota, opened, closed)
		values ($1, 'open', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)`,
		c.ID, file, c.Digest, string(o.book), string(o.source), string(o.supply), string(o.given), string(o.made), string(o.handed), string(o.spoiled),
		string(o.turns), string(o.turned), string(q.ID), clock.Micros(s.Clock())); err != nil {
		return err
	}
	return s.record(tx, by, factOpened, streamOf(c.ID), struct {
		Digest string         `json:"digest"`
		Act    string         `json:"act"`
		Book   ledger.BookID  `json:"book"`
		Quota  ledger.QuotaID `json:"quota"`
	}{c.Digest, act, o.book, q.ID})
}

// staleAfter is how long another node's end of a campaign may go unseen here.
const staleAfter = time.Second

// lately is a campaign as it was read within staleAfter, or nil.
func (s *Service) lately(id string) *opened {
	if kept, ok := s.campaigns.Load(id); ok {
		if o := kept.(*opened); s.Clock().Sub(o.read) < staleAfter {
			return o
		}
	}
	return nil
}

// campaign finds an opened campaign. What is open never changes but for its end, which
// is read anew.
func (s *Service) campaign(r storage.Reader, id string) (*opened, error) {
	var o opened
	var state string
	var since, closed int64
	if kept, ok := s.campaigns.Load(id); ok {
		o = *kept.(*opened)
		if err := r.Row(`select state, closed from ration_campaign where campaign = $1`, id).Scan(&o.state, &closed); err != nil {
			return nil, err
		}
		o.until, o.read = instant(closed), s.Clock()
		s.campaigns.Store(id, &o)
		return &o, nil
	}
	var book, source, supply, given, made, handed, spoiled, turns, turned, quota string
	err := r.Row(`select state, file, book, source, supply, given, made, handed, spoiled, turns, turned, quota, opened, closed from ration_campaign where campaign = $1`, id).
		Scan(&state, &o.file, &book, &source, &supply, &given, &made, &handed, &spoiled, &turns, &turned, &quota, &since, &closed)
	if storage.NoRows(err) {
		return nil, noCampaign()
	}
	if err != nil {
		return nil, err
	}
	if o.Campaign, err = ReadCampaign(o.file); err != nil {
		return nil, err
	}
	o.state, o.since, o.until, o.book, o.quota = state, instant(since), instant(closed), ledger.BookID(book), ledger.QuotaID(quota)
	for into, id := range map[*ledger.AccountID]string{
		&o.source: source, &o.supply: supply, &o.given: given, &o.made: made, &o.handed: handed, &o.spoiled: spoiled, &o.turns: turns, &o.turned: turned,
	} {
		*into = ledger.AccountID(id)
	}
	o.read = s.Clock()
	s.campaigns.Store(id, &o)
	return &o, nil
}

// instant is FromMicros with 0 for the zero time.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

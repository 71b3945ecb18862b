package ration

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// Parcel is what became of pieces that are sent or brought. The pieces leave the shelf
// when they are sent; what comes back is on the shelf again, and may be sent once more.
type Parcel struct {
	State    string    `json:"state" enum:"sent,back"`
	Times    int64     `json:"times"`              // it left
	Tracking string    `json:"tracking,omitempty"` // the post's number
	Sent     time.Time `json:"sent"`
	Back     time.Time `json:"back,omitzero"`
	Reason   string    `json:"reason,omitempty"` // why it came back

	by string // the account that sent it last
}

// The states of a parcel.
const (
	ParcelSent = "sent"
	ParcelBack = "back"
)

// lateSending is for how many days after its last day something is still to be sent:
// nobody loses a share because whoever sends was late.
const lateSending = keepMost

// sends is whether a campaign's goods are sent or brought, not fetched.
func (c *Campaign) sends() bool { return c.Hand.How != AtPoint }

// serves is whether a campaign's goods can leave from a point: people fetch at shops;
// what is sent leaves from depots too.
func (c *Campaign) serves(p Point) bool {
	return p.Closed.IsZero() && (p.Kind == Shop || c.sends() && p.Kind == Depot)
}

// addressMost is an address's length in characters.
const addressLeast, addressMost = 6, 200

// destination seals where an applicant wants something sent to; nil where people fetch.
//
// Faults: Invalid with a field "address".
func (s *Service) destination(c *opened, whose, address string) ([]byte, error) {
	if !c.sends() {
		return nil, nil
	}
	address = ident.Fold(address)
	if n := utf8.RuneCountInString(address); n < addressLeast || n > addressMost || !strings.ContainsFunc(address, isDigit) {
		return nil, fault.New(fault.Invalid, "fault.fields").With("address", "ration.address")
	}
	return s.Ring.Seal([]byte(address), addressAt(c.ID, whose))
}

// addressAt binds a sealed address to its row.
func addressAt(campaign, whose string) []byte {
	return []byte("ration_address:" + campaign + ":" + whose)
}

// sentTo is for whom an address is kept: the firm for what it asked, else the person.
func sentTo(person, firm string) string {
	if firm != "" {
		return firm
	}
	return person
}

// keepAddress stores where something goes to; the last word counts.
func keepAddress(tx *storage.Tx, campaign, whose string, sealed []byte, now time.Time) error {
	if sealed == nil {
		return nil
	}
	_, err := tx.Exec(`insert into ration_address (campaign, whose, sealed, at) values ($1, $2, $3, $4)
		on conflict (campaign, whose) do update set sealed = excluded.sealed, at = excluded.at`, campaign, whose, sealed, clock.Micros(now))
	return err
}

// addressOf is where somebody's goods go to; "" where nobody said.
func (s *Service) addressOf(r storage.Reader, campaign, whose string) (string, error) {
	var sealed []byte
	err := r.Row(`select sealed from ration_address where campaign = $1 and whose = $2`, campaign, whose).Scan(&sealed)
	if storage.NoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	plain, err := s.Ring.Open(sealed, addressAt(campaign, whose))
	return string(plain), err
}

const parcelColumns = `select state, n, tracking, sent, back, reason, sent_by from ration_parcel `

func scanParcel(from interface{ Scan(...any) error }) (p Parcel, err error) {
	var sent, back int64
	err = from.Scan(&p.State, &p.Times, &p.Tracking, &sent, &back, &p.Reason, &p.by)
	p.Sent, p.Back = instant(sent), instant(back)
	return p, err
}

// parcel is what became of an allotment that is sent; nil while nothing did.
func (s *Service) parcel(r storage.Reader, a Allotment) (*Parcel, error) {
	p, err := scanParcel(r.Row(parcelColumns+`where offer = $1 and transfer = $2`, a.Offer, a.ID))
	if storage.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// withParcels adds to allotments what became of those that are sent.
func (s *Service) withParcels(r storage.Reader, list []Allotment) error {
	for i, a := range list {
		c, err := s.campaign(r, a.Campaign)
		if err != nil {
			return err
		}
		if !c.sends() {
			continue
		}
		if list[i].Parcel, err = s.parcel(r, a); err != nil {
			return err
		}
	}
	return nil
}

// Redirect changes where somebody's share is sent, until it left. It counts for all of
// the same person's or firm's in the campaign.
//
// Faults: Denied; NotFound; Conflict "ration.fetched_here" where people fetch, and when
// it has left or ended; Invalid for the address.
func (s *Service) Redirect(ctx context.Context, by auth.Principal, offer, id, address string) (a Allotment, err error) {
	var c *opened
	err = s.Store.Read(ctx, func(r storage.Reader) (err error) {
		if a, err = s.ownAllotment(r, by, offer, id); err != nil {
			return err
		}
		if c, err = s.campaign(r, a.Campaign); err != nil {
			return err
		}
		a.Parcel, err = s.parcel(r, a)
		return err
	})
	switch {
	case err != nil:
		return Allotment{}, err
	case !c.sends():
		return Allotment{}, fault.New(fault.Conflict, "ration.fetched_here")
	case a.Parcel != nil && a.Parcel.State == ParcelSent:
		return Allotment{}, fault.New(fault.Conflict, "ration.sent", "at", a.Parcel.Sent)
	case a.State != Held && a.Parcel == nil:
		return Allotment{}, endedAs(a)
	}
	whose := sentTo(a.Person, a.Firm)
	sealed, err := s.destination(c, whose, address)
	if err != nil {
		return Allotment{}, err
	}
	return a, s.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := keepAddress(tx, c.ID, whose, sealed, s.Clock()); err != nil {
			return err
		}
		return s.record(tx, by, factRedirected, streamOf(c.ID), promisedBody{a.ID, a.Offer, a.Pieces})
	})
}

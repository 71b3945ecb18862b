package ration

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/ledger"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// Allotment is a promise of some pieces.
type Allotment struct {
	ID       string    `json:"id"` // "trf_…", its hold in the ledger
	Offer    string    `json:"offer"`
	Campaign string    `json:"campaign"`
	Pieces   int64     `json:"pieces"`
	Code     string    `json:"code"` // read aloud at the counter
	Until    time.Time `json:"until"`
	State    State     `json:"state"`
	At       time.Time `json:"at"`
	Ended    time.Time `json:"ended,omitzero"`
	Lot      string    `json:"lot,omitempty"` // it was handed over of

	Parcel *Parcel `json:"parcel,omitempty"` // of what is sent: where it is; only read with one's own

	Person string `json:"-"` // for whom; "" of a firm's
	Firm   string `json:"-"`

	holder, account string
}

// State is what became of an allotment.
type State string

// The states. All but the first are its end.
const (
	Held      State = "held"
	Collected State = "collected"
	Lapsed    State = "lapsed"     // nobody came in time
	GivenBack State = "given_back" // not wanted after all
)

// ClaimInput asks for a share of an offer. For is a person of one's family, "" for
// oneself; Address where shares count by the door, or are sent; Answers what the campaign asks.
type ClaimInput struct {
	Offer   string
	For     string
	Address string
	Answers map[string]string
	Key     once.Key
}

// Claim gives somebody a share of an offer, if their turn has come and it is there.
//
// Faults: Denied, NotFound; Invalid for answers and "ration.not_entitled" with the
// rules' findings as fields; Conflict "ration.not_open", "ration.over", "ration.lot",
// "ration.had_…", "ration.point_closed", and where a room waits "ration.join_first", "ration.not_your_turn"; Exhausted "ration.gone"; Busy.
func (s *Service) Claim(ctx context.Context, by auth.Principal, in ClaimInput) (Allotment, error) {
	id := s.ticket("claim", in.Key)
	a, c, err := s.applicant(ctx, by, in)
	if err == nil {
		err = s.openNow(c.Campaign, a.offer.Day)
	}
	if err == nil {
		err = s.pointOpen(ctx, a.offer.Point)
	}
	if err == nil {
		if err = s.inTurn(ctx, c, a.offer.Day, a.records()...); fault.Is(err, "ration.not_your_turn") {
			return Allotment{}, err // nor was anything promised before
		}
	}
	if err == nil && !c.fixed() && in.Key.Key != "" {
		// Its size may have changed since the same was asked before.
		if had, err := s.had(ctx, by, in, id); err != nil || had.ID != "" {
			return had, err
		}
	}
	if err != nil {
		// What was promised under this key stands, whatever is refused by now.
		if had, e := s.had(ctx, by, in, id); had.ID != "" || fault.Is(e, "once.other_body") {
			return had, e
		}
		return Allotment{}, err
	}
	return s.promise(ctx, by, c, a, id)
}

// openNow refuses a claim before and after a round's hours, and where lots decide.
func (s *Service) openNow(c *Campaign, d Day) error {
	now := s.Clock()
	from, until := s.hours(c, d)
	switch {
	case c.Give.By == ByLot:
		return fault.New(fault.Conflict, "ration.lot")
	case now.Before(from):
		return fault.New(fault.Conflict, "ration.not_open", "from", from)
	case !now.Before(until):
		return fault.New(fault.Conflict, "ration.over", "until", until)
	}
	return nil
}

// had is by's own allotment of an offer under an id, if there is one. The same key for
// somebody else is refused: a program that used it twice must not believe it booked twice.
//
// Faults: Invalid "once.other_body".
func (s *Service) had(ctx context.Context, by auth.Principal, in ClaimInput, id ledger.TransferID) (had Allotment, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		had, err = s.allotment(r, in.Offer, id.String())
		return err
	})
	switch person := cmp.Or(in.For, by.Person); {
	case fault.Is(err, "ration.no_allotment") || err == nil && had.account != by.ID:
		return Allotment{}, nil
	case err == nil && had.Person != "" && person != "" && had.Person != person:
		return Allotment{}, fault.New(fault.Invalid, "once.other_body")
	}
	return had, err
}

// promise holds an applicant's share, with the allotment in the same commit.
func (s *Service) promise(ctx context.Context, by auth.Principal, c *opened, a applicant, id ledger.TransferID) (Allotment, error) {
	now := clock.FromMicros(clock.Micros(s.Clock())) // as it will be read again
	out := Allotment{
		ID: id.String(), Offer: a.offer.ID, Campaign: c.ID, Pieces: a.pieces, Code: spoken(id), Until: s.until(c.Campaign, a.offer).UTC(), At: now,
		State: Held, Person: a.person, Firm: a.firm, holder: a.holder, account: by.ID,
	}
	claim := ledger.Claim{Quota: c.quota, Period: c.Again.period(a.offer.Day), Holder: a.counts()}
	want := []ledger.Transfer{{ID: id, Kind: ledger.Hold, Debit: a.offer.account, Credit: c.given, Amount: a.pieces, Until: out.Until, Claim: claim}}
	if !c.fixed() {
		want[0].Claim = ledger.Claim{}
		want = append(want, ledger.Transfer{ID: turnOf(id), Kind: ledger.Hold, Debit: c.turns, Credit: c.turned, Amount: 1, Until: out.Until, Claim: claim})
	}
	run := s.runs.next(now)
	receipt, err := s.Ledger.Admit(ctx, c.book, want, func(tx *storage.Tx) error {
		if a.entry.Ticket != "" {
			if err := standsStill(tx, a.entry); err != nil {
				return err
			}
		}
		if err := keepAddress(tx, c.ID, sentTo(a.person, a.firm), a.to, now); err != nil {
			return err
		}
		tx.Later(insertAllotment, "", a.offer.ID, out.ID, c.ID, a.holder, a.person, a.firm, by.ID, a.pieces, clock.Micros(out.Until), string(Held), clock.Micros(now), int64(0), "", run)
		return s.record(tx, by, factPromised, streamOf(c.ID), promisedBody{out.ID, a.offer.ID, a.pieces})
	})
	if err != nil {
		return Allotment{}, s.refusal(err, c, a.offer.Day)
	}
	if receipt.Again {
		err = s.Store.Read(ctx, func(r storage.Reader) error {
			out, err = s.allotment(r, a.offer.ID, out.ID)
			return err
		})
	}
	return out, err
}

const insertAllotment = `insert into ration_allotment (offer, transfer, campaign, holder, person, firm, account, pieces, until, state, at, ended, lot, run) values `

type promisedBody struct {
	Allotment string `json:"allotment"`
	Offer     string `json:"offer"`
	Pieces    int64  `json:"pieces"`
}

// turnOf is the hold of a turn beside a hold of pieces.
func turnOf(id ledger.TransferID) ledger.TransferID { return ledger.IDFor("ration.turn", id.String()) }

// secondShare is the refusal of a second share in a round: where weeks count it says from
// when the next may be asked for. Of days it is not said: they run from whenever the first was.
func (s *Service) secondShare(c *opened, d Day) error {
	switch {
	case c.Again.Never:
		return fault.New(fault.Conflict, "ration.had_once")
	case c.Again.Week:
		from, _ := s.hours(c.Campaign, (d/7+1)*7) // days are counted from a Monday
		return fault.New(fault.Conflict, "ration.had_week", "from", from)
	}
	return fault.New(fault.Conflict, "ration.had_days", "n", c.Again.Days)
}

// refusal puts the ledger's no into the service's words.
func (s *Service) refusal(err error, c *opened, d Day) error {
	switch {
	case fault.Is(err, "ledger.exhausted"):
		return fault.New(fault.Exhausted, "ration.gone")
	case fault.Is(err, "ledger.quota"):
		return s.secondShare(c, d)
	case fault.Is(err, "ledger.other_content"):
		return fault.New(fault.Invalid, "once.other_body")
	}
	return err
}

const allotmentColumns = `select offer, transfer, campaign, holder, person, firm, account, pieces, until, state, at, ended, lot from ration_allotment `

func scanAllotment(from interface{ Scan(...any) error }) (a Allotment, err error) {
	var until, at, ended int64
	if err = from.Scan(&a.Offer, &a.ID, &a.Campaign, &a.holder, &a.Person, &a.Firm, &a.account, &a.Pieces, &until, &a.State, &at, &ended, &a.Lot); err != nil {
		return a, err
	}
	a.Until, a.At, a.Ended = clock.FromMicros(until), clock.FromMicros(at), instant(ended)
	id, err := ledger.ParseTransferID(a.ID)
	a.Code = spoken(id)
	return a, err
}

func (s *Service) allotment(r storage.Reader, offer, id string) (Allotment, error) {
	a, err := scanAllotment(r.Row(allotmentColumns+`where offer = $1 and transfer = $2`, offer, id))
	if storage.NoRows(err) {
		err = noAllotment()
	}
	return a, err
}

func fieldOf(name string, i int) string { return name + "." + strconv.Itoa(i) }

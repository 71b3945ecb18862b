package ration

import (
	"context"
	"encoding/hex"
	"maps"
	"strings"
	"unicode"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// applicant is who asks for a share of an offer, once it is clear that they may.
type applicant struct {
	offer  *Offer
	person string // for whom, of a person's
	firm   string
	holder string // whose share it is: nobody has two
	whole  whole  // of holder, where it is a person
	pieces int64
	entry  Entry  // of a draw's winner: it must stand still
	to     []byte // sealed: where it is sent
}

// applicant finds out who asks for a share of an offer.
func (s *Service) applicant(ctx context.Context, by auth.Principal, in ClaimInput) (a applicant, c *opened, err error) {
	if err := s.readSeveral(ctx); err != nil {
		return a, nil, err
	}
	if a, c, ok := s.plainly(by, in); ok {
		return a, c, nil
	}
	var o *Offer
	if err := s.Store.Read(ctx, func(r storage.Reader) error {
		if o, err = s.offer(r, in.Offer); err != nil {
			return err
		}
		c, err = s.campaign(r, o.Campaign)
		return err
	}); err != nil {
		return a, nil, err
	}
	if a, c, err = s.asks(ctx, by, c, in); err == nil {
		a.to, err = s.destination(c, sentTo(a.person, a.firm), in.Address)
	}
	a.offer = o
	return a, c, err
}

// plainly is applicant from memory, where nothing has to be looked up: somebody asks for
// themself in a campaign that gives everybody the same. In a rush that is nearly all.
func (s *Service) plainly(by auth.Principal, in ClaimInput) (a applicant, c *opened, ok bool) {
	kept, ok := s.offers.Load(in.Offer)
	if !ok || !by.Role.Personal() || by.Person == "" || in.For != "" && in.For != by.Person || by.Permit(MayClaim, Grants, auth.Person(by.Person)) != nil {
		return a, nil, false
	}
	o := kept.(*Offer)
	if c = s.lately(o.Campaign); c == nil || !c.plain() || !s.single(by.Person) {
		return a, nil, false
	}
	return applicant{offer: o, person: by.Person, holder: by.Person, pieces: c.Share.Pieces}, c, true
}

// plain is whether an open campaign gives everybody the same, each for themself.
func (c *opened) plain() bool {
	return c.state == "open" && c.pack == nil && c.fixed() && c.Who.Asks == ByPerson && c.Who.Counts == ByPerson && !c.Who.AtDesk && len(c.Ask) == 0 && !c.sends()
}

// asks finds out for whom a share would count, and how much the campaign gives them.
func (s *Service) asks(ctx context.Context, by auth.Principal, c *opened, in ClaimInput) (a applicant, _ *opened, err error) {
	if by.Permit(MayEnter, Grants, s.district()) != nil {
		if err := by.Permit(MayClaim, Grants, by.Scope); err != nil {
			return a, c, err
		}
	}
	if c.state != "open" {
		return a, c, fault.New(fault.Conflict, "ration.closed")
	}
	facts := map[string]any{}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if a.person, a.firm, err = s.whom(r, by, c, in.For); err != nil {
			return err
		}
		if a.holder, a.whole, err = s.holder(r, c, a, in); err != nil {
			return err
		}
		clear(facts)
		if c.pack == nil && c.fixed() {
			return nil
		}
		var got map[string]any
		if a.firm != "" {
			got, err = s.Applicants.FirmFacts(r, a.firm)
		} else {
			got, err = s.Applicants.PersonFacts(r, a.person)
		}
		maps.Copy(facts, got)
		return err
	})
	if err != nil {
		return a, c, err
	}
	if err := c.answers(in.Answers, facts); err != nil {
		return a, c, err
	}
	e := c.Entitled(facts)
	a.pieces = e.Pieces
	return a, c, e.refusal()
}

// refusal says why nothing is given: the rules' findings, or the fact that came to
// nothing.
func (e Entitlement) refusal() error {
	if e.Pieces > 0 {
		return nil
	}
	if e.Decision == nil || e.Decision.Outcome == rule.Certified {
		return fault.New(fault.Conflict, "ration.no_pieces", "fact", e.Short)
	}
	return NotEntitled{*e.Decision}
}

// NotEntitled is a refusal by a campaign's rules, with the decision that explains it.
type NotEntitled struct{ Decision rule.Decision }

func (e NotEntitled) Error() string { return e.Unwrap().Error() }

// Explained is the decision: a program is told its findings as a page is.
func (e NotEntitled) Explained() rule.Decision { return e.Decision }

// Unwrap is the fault by which it is answered.
func (e NotEntitled) Unwrap() error { return fault.New(fault.Conflict, "ration.not_entitled") }

// whom is the person or the firm for whom by asks: themself, one of their family, their
// firm, or somebody who stands at an officer's desk.
func (s *Service) whom(r storage.Reader, by auth.Principal, c *opened, other string) (person, firm string, err error) {
	switch {
	case c.Who.Asks == ByFirm && by.Role == auth.Firm:
		return "", by.Scope.ID, nil
	case by.Role == auth.Officer && c.Who.Asks == ByPerson && other != "":
		return other, "", nil
	case c.Who.AtDesk:
		return "", "", fault.New(fault.Denied, "ration.at_desk")
	case c.Who.Asks == ByFirm:
		return "", "", fault.New(fault.Denied, "ration.firms_only")
	case by.Person == "":
		return "", "", fault.New(fault.Denied, "ration.people_only")
	case other == "" || other == by.Person:
		return by.Person, "", nil
	}
	place, err := s.placeInFamily(r, by.Person, other)
	if err != nil {
		return "", "", err
	}
	if most := max(c.Who.People, 1); place >= most {
		return "", "", fault.New(fault.Conflict, "ration.people_most", "most", most)
	}
	return other, "", nil
}

// holder is for whom a share counts, and the whole of that person.
func (s *Service) holder(r storage.Reader, c *opened, a applicant, in ClaimInput) (string, whole, error) {
	switch c.Who.Counts {
	case ByFirm:
		return a.firm, whole{}, nil
	case ByHousehold:
		head, err := s.head(r, a.person)
		if err != nil {
			return "", whole{}, err
		}
		w, err := s.wholeOf(r, head)
		return head, w, orThen(err, func() error { return s.household(r, c, in, w) })
	case ByAddress:
		key := door(in.Address)
		if key == "" {
			return "", whole{}, fault.New(fault.Invalid, "fault.fields").With("address", "ration.address")
		}
		return "door:" + hex.EncodeToString(s.Ring.Hash("ration.door", key)), whole{}, nil
	case ByPerson, ByEmployee:
	}
	if a.person == "" {
		return "", whole{}, nil
	}
	w, err := s.wholeOf(r, a.person)
	return a.person, w, orThen(err, func() error { return s.hadAsOther(r, c, in, w) })
}

// door brings an address to the form in which two that mean one door are mostly equal:
// the words before the first number, without spaces and marks, then the numbers with
// their letters. It is "" where there is no number, or too much of anything. Whoever
// writes one door in two ways may get two shares: an officer's desk asks for the tenancy.
func door(address string) string {
	text := strings.ToLower(ident.Fold(address))
	first := strings.IndexFunc(text, isDigit)
	if first < 0 || len(text) > 300 {
		return ""
	}
	street := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text[:first])
	numbers := strings.FieldsFunc(text[first:], func(r rune) bool { return !isDigit(r) && (r < 'a' || r > 'z') })
	if street == "" {
		return ""
	}
	return street + " " + strings.Join(numbers, "-")
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

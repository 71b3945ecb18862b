package workresume

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// ActRestrict is holding one person's code for a while. Two officers do it, with a
// reason from the colour pack's list: nobody alone, and for nothing else.
const ActRestrict = "workresume.restrict"

// restrictDays is the longest a restriction lasts; another time needs another two
// signatures.
const restrictDays = 14

// Restriction is what two officers said of a person, as that person reads it.
type Restriction struct {
	ID        string    `json:"id"`
	Person    string    `json:"person"`
	Reason    string    `json:"reason_code"` // of the colour pack's list
	Level     string    `json:"level"`       // "yellow" or "red"
	Note      string    `json:"note"`        // what the first officer wrote
	Asked     string    `json:"asked_by"`    // as staff are shown
	Confirmed string    `json:"confirmed_by"`
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
	Ended     time.Time `json:"ended,omitzero"` // before its day
	Lifted    string    `json:"lifted_by,omitempty"`
	Why       string    `json:"lift_reason,omitempty"`
	Appeal    *Appealed `json:"appeal,omitempty"`

	appeal, appellant string
	by                []casework.Decider
}

// Appealed is where an appeal against a restriction stands.
type Appealed struct {
	Case    string    `json:"case"`
	At      time.Time `json:"at"`
	Due     time.Time `json:"due"`
	Note    string    `json:"note"`
	Outcome string    `json:"outcome"` // "" while it runs
	Answer  string    `json:"answer"`

	ByHelper bool   `json:"by_helper,omitempty"` // a helper said it, and not the person
	Helper   string `json:"helper,omitempty"`    // masked; "" for an office

	Photos []casework.Photo `json:"-"` // evidence, in the order it came

	by []casework.Decider // who took part, and decides no appeal that comes after
}

func (x Restriction) holds(now time.Time) bool { return x.Ended.IsZero() && now.Before(x.Until) }

// restrictContent is what is sealed of a restriction.
type restrictContent struct {
	Note   string             `json:"note"`
	By     []casework.Decider `json:"by"` // who asked, who confirmed
	Lifted string             `json:"lifted,omitempty"`
	Why    string             `json:"why,omitempty"`
}

// RestrictBody is what a second officer is asked to confirm.
type RestrictBody struct {
	Person string `json:"person"`
	Reason string `json:"reason_code"`
	Days   int64  `json:"days"`
}

// RestrictInput asks for a restriction. Days counts from the confirmation.
type RestrictInput struct {
	Person string
	Reason string // a code of RestrictionReasons
	Days   int64  // 1 to 14
	Note   string // what shows it
	Key    once.Key
}

// RestrictPerson asks for a restriction; nothing holds until a second officer has
// confirmed. Where one holds already, the new one takes its place: so it is
// extended, again by two.
//
// Faults: Invalid, Denied, NotFound; Conflict "dual.waiting".
func (s *Service) RestrictPerson(ctx context.Context, by auth.Principal, in RestrictInput) (act dual.Act, err error) {
	if err := by.Permit(MayRestrict, Grants, by.Scope); err != nil {
		return act, err
	}
	in.Note = strings.TrimSpace(in.Note)
	bad := fault.New(fault.Invalid, "fault.fields")
	if err := s.reasonListed(in.Reason); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return act, err
		}
		bad.With("reason_code", "workresume.restrict_reason")
	}
	if in.Days < 1 || in.Days > restrictDays {
		bad.With("days", "workresume.out_of_range", "least", 1, "most", restrictDays)
	}
	if !reasoned(in.Note, 10, 500) {
		bad.With("note", "workresume.reason_length", "least", 10, "most", 500)
	}
	if err := bad.OrNil(); err != nil {
		return act, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		scope, err := s.permitRestrict(tx, by, in.Person)
		if err != nil {
			return err
		}
		id, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			a, err := s.Acts.Propose(tx, by, dual.Proposal{
				Kind: ActRestrict, Subject: in.Person, Person: in.Person, Scope: scope, Reason: in.Note,
				Body: RestrictBody{in.Person, in.Reason, in.Days},
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

func (s *Service) reasonListed(code string) error {
	list, err := s.RestrictionReasons()
	if err == nil && !slices.ContainsFunc(list, func(x RestrictionReason) bool { return x.Code == code }) {
		err = fault.New(fault.Invalid, "workresume.restrict_reason")
	}
	return err
}

// permitRestrict asks whether an officer has this person in reach, and where.
func (s *Service) permitRestrict(r storage.Reader, by auth.Principal, person string) ([]auth.Scope, error) {
	unknown := fault.New(fault.NotFound, "workresume.member_unknown")
	names, err := s.Parties.Masked(r, person)
	if err != nil {
		return nil, err
	}
	if _, ok := names[person]; !ok {
		return nil, unknown
	}
	scope, err := s.restrictScope(r, person)
	if err != nil {
		return nil, err
	}
	if by.Permit(MayRestrict, Grants, scope...) != nil {
		return nil, unknown
	}
	return scope, nil
}

// restrictScope is where a person belongs: the park of their firm, and the district.
func (s *Service) restrictScope(r storage.Reader, person string) ([]auth.Scope, error) {
	firms, err := s.FirmOf(r, person)
	if err != nil {
		return nil, err
	}
	if len(firms) > 0 && firms[0].Park != "" {
		return []auth.Scope{auth.Park(firms[0].Park), auth.District(s.District)}, nil
	}
	return []auth.Scope{auth.District(s.District)}, nil
}

// ConfirmRestriction is the second officer's yes: the restriction holds from now,
// the colour follows, and the person reads who said what and why.
//
// Faults: as dual.Store.Confirm.
func (s *Service) ConfirmRestriction(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			_, err := s.Acts.Confirm(tx, by, ActRestrict, act, func(a dual.Act) error { return s.restrict(tx, by, a) })
			return act, err
		})
		return err
	})
}

func (s *Service) restrict(tx *storage.Tx, by auth.Principal, a dual.Act) error {
	var want RestrictBody
	if err := json.Unmarshal(a.Body, &want); err != nil {
		return err
	}
	pack, err := s.colours()
	if err != nil {
		return err
	}
	level, _ := judgeColour(pack, counters{}, want.Reason)
	now := s.Clock()
	x := Restriction{ID: ident.New("rst", now), Person: want.Person, Reason: want.Reason, Level: level.String(), Since: now, Until: now.AddDate(0, 0, int(want.Days))}
	content := restrictContent{Note: a.Reason, By: []casework.Decider{{Account: a.Proposer, Name: a.ProposerName}, casework.DeciderOf(by)}}
	sealed, err := s.sealRestriction(x.ID, content)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`update workresume_restriction set ended = $1 where person = $2 and ended = 0`, clock.Micros(now), want.Person); err != nil {
		return err
	}
	if _, err := tx.Exec(`insert into workresume_restriction (restriction, person, act, reason, level, content, since, until, ended, appeal)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')`,
		x.ID, x.Person, a.ID, x.Reason, int64(level), sealed, clock.Micros(now), clock.Micros(x.Until)); err != nil {
		return err
	}
	if err := s.recordPerson(tx, by, factRestricted, party.Stream(x.Person), x.Person,
		restrictedBody{x.ID, a.ID, x.Reason, x.Until, a.Proposer, by.ID, a.Reason}); err != nil {
		return err
	}
	return s.recolour(tx, by, x.Person)
}

// restrictedBody is the fact of a restriction.
type restrictedBody struct {
	Restriction string    `json:"restriction"`
	Act         string    `json:"act"`
	Reason      string    `json:"reason_code"`
	Until       time.Time `json:"until"`
	Asked       string    `json:"asked"`
	Confirmed   string    `json:"confirmed"`
	Note        string    `json:"note"`
}

func (s *Service) sealRestriction(id string, c restrictContent) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return s.Ring.Seal(plain, []byte(id))
}

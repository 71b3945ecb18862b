package workresume

import (
	"context"
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Some people cannot tap: the old, children, whoever has no phone or a paper of
// another country. They let somebody help: a person, or an office. A helper reports
// and sees what came of it today; not the reasons, not the history, no restriction,
// though one may be appealed unseen (restrict_appeal_helped.go).
// The helped person ends it whenever they like, and so may the helper.

// Accounts is asked whether a person signs in by themself.
type Accounts interface {
	Personal(r storage.Reader, person string) (bool, error)
}

// Help is one relation, as either side or an officer sees it.
type Help struct {
	ID     string    `json:"id"`
	Person string    `json:"person"` // who is helped
	Name   string    `json:"name"`   // of the helped, masked
	Helper string    `json:"helper"` // masked; "" for an office
	Office bool      `json:"office"` // an office helps, not a person
	Since  time.Time `json:"since"`
	Ended  time.Time `json:"ended,omitzero"`

	// Today, as far as a helper may see it.
	Reported bool      `json:"reported_today"`
	Own      bool      `json:"reported_themself"` // and so no helper's report is taken
	At       time.Time `json:"reported_at,omitzero"`
	Level    Level     `json:"-"`
	Ends     time.Time `json:"ends,omitzero"` // of the colour, when it lapses by itself

	// Where they were, as far: who said it last, not what.
	TravelOwn bool      `json:"travel_themself"` // and so no helper's word is taken
	TravelAt  time.Time `json:"travel_at,omitzero"`

	helper, scope string
}

// HelpCode lets its owner's helper in. It is shown once and used once.
type HelpCode struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
}

const (
	helpCodeMost = 24  // hours; one is enough for two who sit together
	helpTries    = 20  // wrong codes an account may type in a day
	helpListed   = 500 // relations on one page
)

// OfferHelp makes a code that lets whoever types it report for the caller, for some
// hours. A newer one takes the place of the one before. Sent again it is the same code, made anew
// from the key: it is kept nowhere.
//
// Faults: Invalid, Denied.
func (s *Service) OfferHelp(ctx context.Context, by auth.Principal, hours int64, key once.Key) (out HelpCode, err error) {
	if hours < 1 || hours > helpCodeMost {
		return out, fault.New(fault.Invalid, "fault.fields").With("hours", "workresume.out_of_range", "least", 1, "most", helpCodeMost)
	}
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return out, err
	}
	out = HelpCode{Code: aloud()}
	if key.Key != "" {
		seed := s.Ring.Hash("workresume.help_offer", by.ID+" "+key.Key)
		out.Code = ident.NewAloud(binary.BigEndian.Uint64(seed))
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		out.Until, err = once.Do(tx, key, s.Clock(), func() (time.Time, error) {
			until := s.Clock().Add(time.Duration(hours) * time.Hour)
			_, err := tx.Exec(`insert into workresume_help_code (person, code, until) values ($1, $2, $3)
				on conflict (person) do update set code = excluded.code, until = excluded.until`, by.Person, s.helpHash(out.Code), clock.Micros(until))
			return until, err
		})
		return err
	})
	return out, err
}

func (s *Service) helpHash(code string) []byte { return s.Ring.Hash("workresume.help_code", code) }

// AcceptHelp makes the caller a helper of whoever gave them the code. An account that
// typed too many wrong ones today is refused before any is looked up, the right one too.
//
// Faults: Invalid for the code, Denied; Conflict "workresume.help_full",
// "workresume.help_oneself", "workresume.help_tries".
func (s *Service) AcceptHelp(ctx context.Context, by auth.Principal, code string, key once.Key) (h Help, err error) {
	if err := by.Permit(MayReport, Grants, auth.Person(by.Person)); err != nil {
		return h, err
	}
	plain, bad := ident.CheckAloud(code)
	if bad != nil {
		return h, codeUnknown()
	}
	// Whoever goes on guessing costs the writer nothing; the count that binds is asked in the Write.
	if err := s.Store.Read(ctx, func(r storage.Reader) error { return s.mayTry(r, by) }); err != nil {
		return h, err
	}
	missed := false
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		var id string
		missed = false
		err := tx.Apart(func() (err error) { // a miss leaves its count behind and nothing else, the key neither
			id, err = once.Do(tx, key, s.Clock(), func() (string, error) { return s.accept(tx, by, plain, &missed) })
			return err
		})
		if missed {
			return s.triedHelp(tx, by)
		}
		if err != nil {
			return err
		}
		h, err = s.helpByID(tx, id)
		return err
	})
	if err == nil && missed {
		err = codeUnknown()
	}
	return h, err
}

func codeUnknown() error {
	return fault.New(fault.Invalid, "fault.fields").With("code", "workresume.help_code")
}

// accept looks a code up and uses it; missed says that nobody made it.
func (s *Service) accept(tx *storage.Tx, by auth.Principal, plain string, missed *bool) (string, error) {
	if err := s.mayTry(tx, by); err != nil {
		return "", err
	}
	var helped string
	var until int64
	err := tx.Row(`select person, until from workresume_help_code where code = $1`, s.helpHash(plain)).Scan(&helped, &until)
	if storage.NoRows(err) || err == nil && until <= clock.Micros(s.Clock()) {
		*missed = true
		return "", codeUnknown()
	}
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(`delete from workresume_help_code where person = $1`, helped); err != nil {
		return "", err
	}
	scope, err := s.restrictScope(tx, helped)
	if err != nil {
		return "", err
	}
	return s.help(tx, by, helped, by.Person, scope[0].String(), "")
}

// mayTry refuses an account that typed too many wrong codes today.
func (s *Service) mayTry(r storage.Reader, by auth.Principal) error {
	var times int64
	err := r.Row(`select times from workresume_help_try where account = $1 and day = $2`, by.ID, s.today().String()).Scan(&times)
	switch {
	case storage.NoRows(err):
		return nil
	case err == nil && times >= helpTries:
		return fault.New(fault.Conflict, "workresume.help_tries")
	}
	return err
}

// triedHelp counts a wrong code, in the Write that found it wrong: guesses sent all at
// once are counted one by one.
func (s *Service) triedHelp(tx *storage.Tx, by auth.Principal) error {
	_, err := tx.Exec(`insert into workresume_help_try (account, day, times) values ($1, $2, 1)
		on conflict (account, day) do update set times = workresume_help_try.times + 1`, by.ID, s.today().String())
	return err
}

// help makes a relation; one that stands already is the answer.
func (s *Service) help(tx *storage.Tx, by auth.Principal, helped, helper, scope, reason string) (string, error) {
	if helped == helper {
		return "", fault.New(fault.Conflict, "workresume.help_oneself")
	}
	var there string
	err := tx.Row(`select help from workresume_help where helped = $1 and helper = $2 and ended = 0`, helped, helper).Scan(&there)
	if !storage.NoRows(err) {
		return there, err
	}
	if !office(helper) {
		if err := s.mayHelpOneMore(tx, helper); err != nil {
			return "", err
		}
	}
	now := s.Clock()
	id := ident.New("hlp", now)
	if _, err := tx.Exec(`insert into workresume_help (help, helped, helper, scope, account, since, ended) values ($1, $2, $3, $4, $5, $6, 0)`,
		id, helped, helper, scope, by.ID, clock.Micros(now)); err != nil {
		return "", err
	}
	return id, s.recordPerson(tx, by, factHelped, party.Stream(helped), helped, helpBody{id, helper, reason})
}

// helpBody is the fact of a relation, begun or ended.
type helpBody struct {
	Help   string `json:"help"`
	Helper string `json:"helper"`
	Reason string `json:"reason,omitempty"`
}

// mayHelpOneMore asks the pack.
func (s *Service) mayHelpOneMore(r storage.Reader, helper string) error {
	pack, err := s.peoplePack()
	if err != nil {
		return err
	}
	most, err := s.limit("helped_most")
	if err != nil {
		return err
	}
	var n int64 // at most the pack's few
	if err := r.Row(`select count(*) from workresume_help where helper = $1 and ended = 0`, helper).Scan(&n); err != nil {
		return err
	}
	if d := pack.Decide(map[string]any{"helped": n}); len(d.Findings) > 0 {
		return fault.New(fault.Conflict, "workresume.help_full", "most", most)
	}
	return nil
}

// office is whether a helper is an office and not a person.
func office(helper string) bool { return !strings.HasPrefix(helper, "per_") }

// EndHelp ends a relation: the helped person, the helper, or an officer who finds
// it, with a reason. One that ended stays so.
//
// Faults: Invalid for an officer's reason, Denied, NotFound "workresume.help_unknown".
func (s *Service) EndHelp(ctx context.Context, by auth.Principal, id, reason string, key once.Key) (h Help, err error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return h, err
	}
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > reasonMost || !by.Role.Personal() && !reasoned(reason, reasonLeast, reasonMost) {
		return h, fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", reasonLeast, "most", reasonMost)
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if h, err = s.helpByID(tx, id); err != nil {
			return err
		}
		if !s.sides(by, h) {
			return helpUnknown()
		}
		_, err = once.Do(tx, key, s.Clock(), func() (string, error) {
			n, err := tx.Exec(`update workresume_help set ended = $1 where help = $2 and ended = 0`, clock.Micros(s.Clock()), id)
			if err != nil || n == 0 {
				return id, err
			}
			return id, s.recordPerson(tx, by, factHelpEnded, party.Stream(h.Person), h.Person, helpBody{id, h.helper, reason})
		})
		if err != nil {
			return err
		}
		h, err = s.helpByID(tx, id)
		return err
	})
	return h, err
}

// sides is whether by is one of the two, or an officer in whose reach it lies.
func (s *Service) sides(by auth.Principal, h Help) bool {
	if by.Role.Personal() {
		return by.Person != "" && (by.Person == h.Person || by.Person == h.helper)
	}
	return by.Scope == auth.District(s.District) || by.Scope.String() == h.scope
}

func helpUnknown() error { return fault.New(fault.NotFound, "workresume.help_unknown") }

// ReportHelped takes today's report about somebody the caller helps. The answer is
// what a helper may see. What the person said of the day themself stands.
//
// Faults: as ReportHealth; NotFound "workresume.help_unknown"; Conflict
// "workresume.helped_own", "workresume.helped_most".
func (s *Service) ReportHelped(ctx context.Context, by auth.Principal, help string, in ReportInput) (h Help, err error) {
	x, err := saidOf(in)
	if err != nil {
		return h, err
	}
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return h, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if h, err = s.helpingNow(tx, by, help); err != nil {
			return err
		}
		if _, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			return s.report(tx, by, h.Person, reporting{day: s.today(), way: ByHelper, helper: h.helper}, x)
		}); err != nil {
			return err
		}
		h, err = s.helpByID(tx, help)
		return err
	})
	return h, err
}

// helpingNow is a relation by which the caller helps now.
func (s *Service) helpingNow(r storage.Reader, by auth.Principal, id string) (Help, error) {
	h, err := s.helpByID(r, id)
	if err == nil && (h.helper != helperOf(by) || !h.Ended.IsZero()) {
		err = helpUnknown()
	}
	return h, err
}

// helperOf is as whom somebody helps: oneself, or one's office.
func helperOf(by auth.Principal) string {
	if by.Role.Personal() {
		return by.Person
	}
	return by.Scope.String()
}

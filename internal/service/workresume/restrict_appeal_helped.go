package workresume

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// Whoever cannot tap cannot appeal either, and is held all the same. So a helper may,
// in the person's name: not knowing why the code is held, which stays the person's, but
// with whatever shows that it is wrong.

// HelpedAppeal is somebody helped, and the helper's own appeal in their name. No other
// person's is shown, nor what it was against, nor the words of the answer.
type HelpedAppeal struct {
	Help   Help
	Appeal *AppealSent // nil for none
}

// AppealSent is an appeal as the helper who wrote it may follow it.
type AppealSent struct {
	Case    string    `json:"case"`
	At      time.Time `json:"at"`
	Due     time.Time `json:"due"`
	Note    string    `json:"note"`
	Outcome string    `json:"outcome"` // "" while it runs

	Photos []casework.Photo `json:"-"` // the caller's: the person may have added others, which are theirs
}

// HelpedAppealInput is what a helper says in somebody's name.
type HelpedAppealInput struct {
	Reason string // with what shows it
	Key    once.Key
}

// HelpedAppealOf is somebody helped as the helper sees them before and after appealing.
//
// Faults: Denied, NotFound "workresume.help_unknown".
func (s *Service) HelpedAppealOf(ctx context.Context, by auth.Principal, help string) (out HelpedAppeal, err error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return out, err
	}
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		out, _, err = s.helpedAppeal(r, by, help)
		return err
	})
	return out, err
}

// helpedAppeal reads a relation and the latest restriction appealed by its helper.
func (s *Service) helpedAppeal(r storage.Reader, by auth.Principal, help string) (out HelpedAppeal, held *Restriction, err error) {
	if out.Help, err = s.helpingNow(r, by, help); err != nil {
		return out, nil, err
	}
	list, err := s.restrictions(r, out.Help.Person)
	if err != nil {
		return out, nil, err
	}
	for _, x := range list {
		if held == nil && x.holds(s.Clock()) {
			held = &x
		}
		if a := x.Appeal; out.Appeal == nil && a != nil && x.appellant == out.Help.helper {
			out.Appeal = &AppealSent{Case: a.Case, At: a.At, Due: a.Due, Note: a.Note, Outcome: a.Outcome}
			for _, p := range a.Photos {
				if p.Account == by.ID {
					out.Appeal.Photos = append(out.Appeal.Photos, p)
				}
			}
		}
	}
	if out.Appeal != nil && held != nil && held.appeal != out.Appeal.Case { // another holds by now, which may be appealed
		out.Appeal = nil
	}
	return out, held, nil
}

// AppealHelped asks in the name of somebody the caller helps that a third officer look
// at what holds their code. Only on a day on which a helper reported for them: whoever
// reports themself appeals themself. The person reads it, with who wrote it, and may put
// their own words in its place. An officer who appeals for an office decides it no more.
//
// Faults: Invalid, Denied, NotFound "workresume.help_unknown"; Conflict
// "workresume.helped_appeal_own", "workresume.helped_unreported",
// "workresume.restriction_none", "workresume.appealed".
func (s *Service) AppealHelped(ctx context.Context, by auth.Principal, help string, in HelpedAppealInput) (out HelpedAppeal, err error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return out, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if !reasoned(in.Reason, 10, 1000) {
		return out, fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", 10, "most", 1000)
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		now, held, err := s.helpedAppeal(tx, by, help)
		if err != nil {
			return err
		}
		if _, err = once.Do(tx, in.Key, s.Clock(), func() (string, error) { return s.appealHelped(tx, by, now.Help, held, in.Reason) }); err != nil {
			return err
		}
		out, _, err = s.helpedAppeal(tx, by, help)
		return err
	})
	return out, err
}

func (s *Service) appealHelped(tx *storage.Tx, by auth.Principal, h Help, held *Restriction, reason string) (string, error) {
	switch {
	case h.Own:
		return "", fault.New(fault.Conflict, "workresume.helped_appeal_own")
	case !h.Reported:
		return "", fault.New(fault.Conflict, "workresume.helped_unreported")
	case held == nil:
		return "", fault.New(fault.Conflict, "workresume.restriction_none")
	case held.appeal != "":
		return "", fault.New(fault.Conflict, "workresume.appealed")
	}
	id, err := s.openAppeal(tx, by, *held, reason, h.helper)
	if err != nil {
		return "", err
	}
	said := []rune(reason)
	_, err = s.Log.Append(tx, eventlog.Fact{
		Stream: party.Stream(h.Person), Name: party.Revealed, Actor: by.ID, Subject: h.Person, At: s.Clock(),
		Body: party.RevealedBody{Reason: string(said[:min(len(said), reasonMost)]), What: party.Appealed},
	})
	return id, err
}

// AddHelpedPhoto keeps a helper's photo as evidence with their open appeal.
//
// Faults: as AddRestrictionPhoto; NotFound "workresume.help_unknown"; Conflict
// "workresume.no_appeal" where the helper has none, or the person's own stands now.
func (s *Service) AddHelpedPhoto(ctx context.Context, by auth.Principal, help string, file io.Reader, key once.Key) (casework.Photo, error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return casework.Photo{}, err
	}
	var id string
	if err := s.Store.Read(ctx, func(r storage.Reader) (err error) { // before anything is drawn
		id, err = s.helpedCase(r, by, help)
		return err
	}); err != nil {
		return casework.Photo{}, err
	}
	return s.addPhoto(ctx, by, id, casework.FromApplicant, file, key, func(tx *storage.Tx) error {
		now, err := s.helpedCase(tx, by, help)
		if err == nil && now != id {
			err = fault.New(fault.Conflict, "workresume.no_appeal")
		}
		return err
	})
}

// HelpedPhoto is one photo that the caller sent with their appeal as JPEG, small or whole.
//
// Faults: Denied, NotFound.
func (s *Service) HelpedPhoto(ctx context.Context, by auth.Principal, help, photo string, small bool) ([]byte, error) {
	if err := by.Permit(MayHelp, Grants, by.Scope); err != nil {
		return nil, err
	}
	var sealed []byte
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		out, _, err := s.helpedAppeal(r, by, help)
		if err != nil {
			return err
		}
		if out.Appeal == nil || !slices.ContainsFunc(out.Appeal.Photos, func(p casework.Photo) bool { return p.ID == photo }) {
			return fault.New(fault.NotFound, "casework.photo_unknown")
		}
		sealed, err = s.Cases.PhotoSealed(r, out.Appeal.Case, photo, small)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Cases.Unseal(photo, sealed)
}

// helpedCase is the case of a helper's own appeal.
func (s *Service) helpedCase(r storage.Reader, by auth.Principal, help string) (string, error) {
	out, _, err := s.helpedAppeal(r, by, help)
	if err == nil && out.Appeal == nil {
		err = fault.New(fault.Conflict, "workresume.no_appeal")
	}
	if err != nil {
		return "", err
	}
	return out.Appeal.Case, nil
}

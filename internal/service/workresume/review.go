package workresume

import (
	"context"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

const reviewColumns = `select review, firm, other, person, state, note, reason, found from workresume_review`

func scanReview(rows *storage.Rows) (Review, error) {
	var v Review
	var found int64
	err := rows.Scan(&v.ID, &v.Firm, &v.OtherFirm, &v.Person.ID, &v.State, &v.Note, &v.Reason, &found)
	v.Found = clock.FromMicros(found)
	return v, err
}

// Reviews lists people found on two rosters. For a firm: its own, without saying
// which other firm. With an empty firm, for an officer: those asked about, oldest
// first.
//
// Faults: Denied, NotFound.
func (s *Service) Reviews(ctx context.Context, by auth.Principal, firm string) (list []Review, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if firm != "" {
			if _, err := s.permitFirm(r, by, MaySee, firm); err != nil {
				return err
			}
			list, err = storage.All(r, scanReview, reviewColumns+` where firm = $1 and settled = 0 order by review limit 500`, firm)
		} else {
			if err := by.Permit(MayDecide, Grants, by.Scope); err != nil {
				return err
			}
			list, err = storage.All(r, scanReview, reviewColumns+` where state = 'asked' order by review limit 500`)
		}
		if err != nil {
			return err
		}
		return s.dressReviews(r, by, &list)
	})
	return list, err
}

// dressReviews adds masked people and firm names, hides the other firm from a firm,
// and leaves out what lies outside an officer's park.
func (s *Service) dressReviews(r storage.Reader, by auth.Principal, list *[]Review) error {
	kept := (*list)[:0]
	for _, v := range *list {
		f, err := s.load(r, v.Firm)
		if err != nil {
			return err
		}
		o, err := s.load(r, v.OtherFirm)
		if err != nil {
			return err
		}
		v.FirmName, v.OtherName = f.Name, o.Name
		if by.Role == auth.Firm {
			v.OtherFirm, v.OtherName = "", ""
		} else if by.Permit(MaySee, Grants, s.chain(f.ID, f.Park)...) != nil {
			continue
		}
		people, err := s.Parties.Masked(r, v.Person.ID)
		if err != nil {
			return err
		}
		v.Person = people[v.Person.ID]
		kept = append(kept, v)
	}
	*list = kept
	return nil
}

// AskReview is the receiving firm saying that the person works here now.
//
// Faults: Invalid, Denied, NotFound, Conflict when already settled.
func (s *Service) AskReview(ctx context.Context, by auth.Principal, id, note string, key once.Key) error {
	note = strings.TrimSpace(note)
	if len([]rune(note)) > 500 {
		return fault.New(fault.Invalid, "fault.fields").With("note", "fault.too_long", "max", 500)
	}
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		v, err := s.review(tx, by, MayFile, id)
		if err != nil {
			return err
		}
		_, err = once.Do(tx, key, s.Clock(), func() (string, error) {
			switch v.State {
			case ReviewFound:
			case ReviewAsked:
				return id, nil // as it is
			default:
				return id, fault.New(fault.Conflict, "workresume.review_settled")
			}
			if _, err := tx.Exec(`update workresume_review set state = 'asked', note = $1 where review = $2`, note, id); err != nil {
				return id, err
			}
			return id, s.record(tx, by, factReviewAsked, v.Firm, map[string]string{"review": id, "person": v.Person.ID})
		})
		return err
	})
}

// SettleReview is an officer's answer: the person moves to the asking firm's
// roster, or is kept where they are. Both firms are told.
//
// Faults: Invalid, Denied, NotFound, Conflict when already settled otherwise.
func (s *Service) SettleReview(ctx context.Context, by auth.Principal, id string, move bool, reason string, key once.Key) error {
	reason = strings.TrimSpace(reason)
	if !reasoned(reason, 2, 500) {
		return fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", 2, "most", 500)
	}
	var touched []Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		touched = nil
		v, err := s.review(tx, by, MayDecide, id)
		if err != nil {
			return err
		}
		_, err = once.Do(tx, key, s.Clock(), func() (string, error) {
			touched, err = s.settle(tx, by, v, move, reason)
			return id, err
		})
		return err
	})
	for _, f := range touched {
		if err == nil {
			_, err = s.signed(ctx, f)
		}
	}
	return err
}

func (s *Service) review(r storage.Reader, by auth.Principal, perm auth.Permission, id string) (Review, error) {
	unknown := fault.New(fault.NotFound, "workresume.review_unknown")
	list, err := storage.All(r, scanReview, reviewColumns+` where review = $1`, id)
	if err != nil {
		return Review{}, err
	}
	if err := by.Permit(perm, Grants, by.Scope); err != nil {
		return Review{}, err
	}
	if len(list) == 0 {
		return Review{}, unknown
	}
	if _, err := s.permitFirm(r, by, perm, list[0].Firm); err != nil {
		return Review{}, unknown
	}
	if perm == MayDecide { // it is decided for both firms
		if _, err := s.permitFirm(r, by, perm, list[0].OtherFirm); err != nil {
			return Review{}, unknown
		}
	}
	return list[0], nil
}

func (s *Service) settle(tx *storage.Tx, by auth.Principal, v Review, move bool, reason string) ([]Firm, error) {
	to, told := ReviewKept, "workresume.told_kept"
	if move {
		to, told = ReviewMoved, "workresume.told_moved"
	}
	if v.State == to {
		return nil, nil
	}
	if v.State == ReviewMoved || v.State == ReviewKept {
		return nil, fault.New(fault.Conflict, "workresume.review_settled")
	}
	now := clock.Micros(s.Clock())
	if _, err := tx.Exec(`update workresume_review set state = $1, reason = $2, settled = $3 where review = $4`, string(to), reason, now, v.ID); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`update workresume_firm set reviews = case when reviews > 0 then reviews - 1 else 0 end where firm = $1`, v.Firm); err != nil {
		return nil, err
	}
	var touched []Firm
	if move {
		// The digest is of no row: the receiving firm's next file must be seen to
		// differ, so that the name and phone it gives are taken over.
		n, err := tx.Exec(`update workresume_member set firm = $1, joined = $2, departed = 0,
			digest = $6, details = (select details from workresume_review where review = $3)
			where person = $4 and firm = $5 and departed = 0`, v.Firm, now, v.ID, v.Person.ID, v.OtherFirm, []byte{0})
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fault.New(fault.Conflict, "workresume.review_stale")
		}
		if err := s.withdrawPasses(tx, v.Person.ID); err != nil {
			return nil, err
		}
		s.changed(tx, "", v.Person.ID)
		if err := s.record(tx, by, factLeft, v.OtherFirm, map[string]any{"people": []string{v.Person.ID}, "review": v.ID}); err != nil {
			return nil, err
		}
		for _, step := range []struct {
			firm string
			add  int64
		}{{v.Firm, 1}, {v.OtherFirm, -1}} {
			f, err := s.adjust(tx, by, step.firm, step.add)
			if err != nil {
				return nil, err
			}
			touched = append(touched, f)
		}
		if err := s.tell(tx, v.OtherFirm, "workresume.told_moved_away", nil); err != nil {
			return nil, err
		}
	}
	if err := s.tell(tx, v.Firm, told, map[string]any{"reason": reason}); err != nil {
		return nil, err
	}
	return touched, s.record(tx, by, factReviewEnded, v.Firm, map[string]any{"review": v.ID, "person": v.Person.ID, "other": v.OtherFirm, "moved": move, "reason": reason})
}

// adjust changes a firm's head count and asks the rules again.
func (s *Service) adjust(tx *storage.Tx, by auth.Principal, firm string, add int64) (Firm, error) {
	if _, err := tx.Exec(`update workresume_firm set roster = roster + $1 where firm = $2`, add, firm); err != nil {
		return Firm{}, err
	}
	f, err := s.load(tx, firm)
	if err != nil || f.Filing == nil {
		return f.Firm, err
	}
	filing := f.Filing.upTo(f.Roster)
	if add < 0 {
		filing = f.Filing.less(-add, f.Roster)
	}
	if err := s.redeclare(tx, by, &f, filing); err != nil {
		return f.Firm, err
	}
	err = s.decide(tx, by, &f)
	return f.Firm, err
}

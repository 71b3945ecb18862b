package workresume

import (
	"context"
	"encoding/json"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// ActMerge is saying that two records are of one person. Two officers do it: it can
// turn somebody's code red, and red takes two. One may take it back.
const ActMerge = "workresume.merge"

// MergeBody is what a second officer is asked to confirm.
type MergeBody struct {
	First  string `json:"first"`
	Second string `json:"second"`
}

// MergeInput says that two records are of one person.
type MergeInput struct {
	First, Second string
	Reason        string // what shows it
	Key           once.Key
}

// MergePeople asks that two records be one person's; nothing changes until a second
// officer has confirmed. From then on both have the stricter colour of the two at
// every moment. What is kept under either record stays where it is.
//
// Faults: Invalid, Denied, NotFound; Conflict "dual.waiting" and as party.Store.Join.
func (s *Service) MergePeople(ctx context.Context, by auth.Principal, in MergeInput) (act dual.Act, err error) {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return act, err
	}
	if in.Reason, err = sayWhy(in.Reason); err != nil {
		return act, err
	}
	if in.Second < in.First { // one act waits for a pair, whichever was named first
		in.First, in.Second = in.Second, in.First
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		scope, err := s.reachBoth(tx, by, in.First, in.Second)
		if err != nil {
			return err
		}
		id, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			if err := s.Parties.CanJoin(tx, in.First, in.Second); err != nil {
				return "", err
			}
			a, err := s.Acts.Propose(tx, by, dual.Proposal{
				Kind: ActMerge, Subject: in.First + "+" + in.Second, Person: in.First, Scope: scope, Reason: in.Reason,
				Body: MergeBody{in.First, in.Second},
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

// sayWhy is a reason of 10 to 500 characters, as for a restriction.
func sayWhy(text string) (string, error) {
	text = strings.TrimSpace(text)
	if !reasoned(text, 10, 500) {
		return "", fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", 10, "most", 500)
	}
	return text, nil
}

// reachBoth is where an officer stands who has both people in reach: the one's park if
// it is the other's too, and the district.
func (s *Service) reachBoth(r storage.Reader, by auth.Principal, first, second string) ([]auth.Scope, error) {
	var scope []auth.Scope
	for _, p := range [...]string{first, second} {
		if _, err := s.reachPerson(r, by, MayMerge, p); err != nil {
			return nil, err
		}
		at, err := s.restrictScope(r, p)
		if err != nil {
			return nil, err
		}
		if p == first || len(at) < len(scope) || len(at) == len(scope) && at[0] == scope[0] {
			scope = at
			continue
		}
		scope = []auth.Scope{auth.District(s.District)}
	}
	return scope, nil
}

// ConfirmMerge is the second officer's yes. Both records' colours follow in the same
// transaction.
//
// Faults: as dual.Store.Confirm and party.Store.Join; Conflict "party.same_apart".
func (s *Service) ConfirmMerge(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			_, err := s.Acts.Confirm(tx, by, ActMerge, act, func(a dual.Act) error { return s.merge(tx, by, a) })
			return act, err
		})
		return err
	})
}

func (s *Service) merge(tx *storage.Tx, by auth.Principal, a dual.Act) error {
	var want MergeBody
	if err := json.Unmarshal(a.Body, &want); err != nil {
		return err
	}
	if _, err := s.reachBoth(tx, by, want.First, want.Second); err != nil { // somebody may have moved meanwhile
		return err
	}
	if err := s.Parties.TakenApart(tx, a.Proposed, want.First, want.Second); err != nil {
		return err
	}
	if _, err := s.Parties.Join(tx, s.Log, by.ID, want.First, want.Second, party.JoinedBody{Reason: a.Reason, Act: a.ID}, s.Clock()); err != nil {
		return err
	}
	return s.recolour(tx, by, want.First)
}

// SplitInput takes a record from those it was found to be one person with.
type SplitInput struct {
	Person string
	Reason string
	Key    once.Key
}

// SplitPeople takes a record apart again: it and the others have each the colour of
// their own reports and restrictions. One officer may, since it gives back what two
// had taken. It returns the records that were one.
//
// Faults: Invalid, Denied, NotFound, Conflict "party.same_alone".
func (s *Service) SplitPeople(ctx context.Context, by auth.Principal, in SplitInput) (ids []string, err error) {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return nil, err
	}
	if in.Reason, err = sayWhy(in.Reason); err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := s.reachPerson(tx, by, MayMerge, in.Person); err != nil {
			return err
		}
		ids, err = once.Do(tx, in.Key, s.Clock(), func() ([]string, error) { return s.split(tx, by, in) })
		return err
	})
	return ids, err
}

// PartPerson is SplitPeople inside another's transaction, for a person who said that the
// records are not all theirs; an officer of the district answers that. reason is the
// officer's.
//
// Faults: Denied, NotFound, Conflict "party.same_alone".
func (s *Service) PartPerson(tx *storage.Tx, by auth.Principal, person, reason string) error {
	if err := by.Permit(MayMerge, Grants, by.Scope); err != nil {
		return err
	}
	if _, err := s.reachPerson(tx, by, MayMerge, person); err != nil {
		return err
	}
	_, err := s.split(tx, by, SplitInput{Person: person, Reason: reason})
	return err
}

func (s *Service) split(tx *storage.Tx, by auth.Principal, in SplitInput) ([]string, error) {
	was, err := s.Parties.Part(tx, s.Log, by.ID, in.Person, in.Reason, s.Clock())
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(was))
	for i, x := range was {
		ids[i] = x.ID
		if err := s.recolour(tx, by, x.ID); err != nil { // those still one are settled by the first of them
			return nil, err
		}
	}
	return ids, nil
}

package workresume

import (
	"context"
	"maps"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// Account is a decision taken apart: which rules of which version spoke, on which
// facts, and the smallest change that would turn the answer.
type Account struct {
	Firm     Firm
	Decision *rule.Decision // nil before the first filing
	// Pack is the rules that decided; nil when this program no longer has them, as
	// after a store was brought from elsewhere. The decision reads without.
	Pack    *rule.Pack
	InForce bool       // and they decide now
	Turn    *rule.Turn // nil without the pack
	Flags   []Flag     // what facts say against the promise beside it, gravest first
}

// Explain accounts for a firm's latest decision. Under an officer's word it says
// what the rules would say.
//
// Faults: Denied, NotFound.
func (s *Service) Explain(ctx context.Context, by auth.Principal, firm string) (a Account, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		a = Account{}
		f, err := s.permitFirm(r, by, MaySee, firm)
		if err != nil {
			return err
		}
		a.Firm, a.Decision = f.Firm, f.Decision
		if a.Flags, err = flagsOf(r, f.ID); err != nil || f.Decision == nil {
			return err
		}
		now, err := s.inForce(r)
		if err != nil {
			return err
		}
		a.InForce = now.Pack.Digest == f.Decision.Digest
		if a.Pack = now.Pack; !a.InForce {
			a.Pack = nil
			if len(f.Decision.Digest) >= 24 {
				if p, err := s.policy(r, "pol_"+f.Decision.Digest[:24]); err == nil {
					a.Pack = p.Pack
				}
			}
		}
		return nil
	})
	if err == nil && a.Pack != nil { // outside the snapshot: it takes milliseconds
		t := a.Pack.Turn(a.Decision.Facts)
		a.Turn = &t
	}
	return a, err
}

// Foresee says what state the rules would give a filing with so many people on the
// roster; nothing is stored.
func (s *Service) Foresee(f Filing, roster int64) State {
	return stateOf(s.Rules().Decide(f.facts(roster, s.Clock())))
}

// ForeseeFor is Foresee for a firm that was decided on, with what officers stated,
// after n people of its roster left; the filing is then as it is returned.
func (s *Service) ForeseeFor(f Firm, n int64) (State, Filing) {
	filing := f.Filing.less(n, f.Roster-n)
	facts := filing.facts(f.Roster-n, s.Clock())
	if f.Decision != nil {
		stated := maps.Clone(f.Decision.Facts)
		maps.Copy(stated, facts)
		facts = stated
	}
	return stateOf(s.Rules().Decide(facts)), filing
}

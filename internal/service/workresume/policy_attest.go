package workresume

import (
	"context"
	"slices"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// AttestInput is what an officer states of a firm, where the policy in force asks
// for it: that the township's check passed or did not, that the district approves
// or does not.
type AttestInput struct {
	Firm   string
	Fact   string // one of Attested
	Value  bool
	Reason string
	Key    once.Key
}

// Statement is one of them as it stands.
type Statement struct {
	Fact   string    `json:"fact"`
	Value  bool      `json:"value"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Attest states a fact of a firm and has the rules decide again. A later statement
// replaces an earlier one; both stay facts of the log. The district's approval is
// given at the district only.
//
// Faults: Invalid with fields, Denied, NotFound, Conflict before the first filing or
// when the policy in force does not ask for it.
func (s *Service) Attest(ctx context.Context, by auth.Principal, in AttestInput) (Firm, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	bad := fault.New(fault.Invalid, "fault.fields")
	if !slices.Contains(Attested[:], in.Fact) {
		bad.With("fact", "workresume.attest_unknown")
	}
	if !reasoned(in.Reason, 2, 1000) {
		bad.With("reason", "workresume.reason_length", "least", 2, "most", 1000)
	}
	if err := bad.OrNil(); err != nil {
		return Firm{}, err
	}
	var out Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayDecide, in.Firm)
		if err != nil {
			return err
		}
		if in.Fact == "district_approval" {
			if err := by.Permit(MayDecide, Grants, auth.District(s.District)); err != nil {
				return err
			}
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) {
			err := s.attest(tx, by, &f, in)
			return f.Firm, err
		})
		return err
	})
	if err != nil {
		return Firm{}, err
	}
	return s.signed(ctx, out)
}

func (s *Service) attest(tx *storage.Tx, by auth.Principal, f *row, in AttestInput) error {
	p, err := s.inForce(tx)
	if err != nil {
		return err
	}
	if _, asked := p.Pack.Fact(in.Fact); !asked {
		return fault.New(fault.Conflict, "workresume.attest_unasked")
	}
	if f.Filing == nil {
		return fault.New(fault.Conflict, "workresume.not_filed")
	}
	if _, err := tx.Exec(`insert into workresume_attested (firm, fact, value, reason, account, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (firm, fact) do update set value = excluded.value, reason = excluded.reason, account = excluded.account, at = excluded.at`,
		f.ID, in.Fact, bit(in.Value), in.Reason, by.ID, clock.Micros(s.Clock())); err != nil {
		return err
	}
	if err := s.record(tx, by, factAttested, f.ID, attestedBody{Fact: in.Fact, Value: in.Value, Reason: in.Reason}); err != nil {
		return err
	}
	return s.decide(tx, by, f)
}

// Statements are what officers stated of a firm.
//
// Faults: Denied, NotFound.
func (s *Service) Statements(ctx context.Context, by auth.Principal, firm string) (list []Statement, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MaySee, firm); err != nil {
			return err
		}
		var err error
		list, err = storage.All(r, func(rows *storage.Rows) (Statement, error) {
			var v Statement
			var value, at int64
			err := rows.Scan(&v.Fact, &value, &v.Reason, &v.By, &at)
			v.Value, v.At = value == 1, clock.FromMicros(at)
			return v, err
		}, `select fact, value, reason, account, at from workresume_attested where firm = $1 order by fact desc`, firm)
		return err
	})
	return list, err
}

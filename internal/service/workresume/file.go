package workresume

import (
	"context"
	"slices"
	"strings"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/storage"
)

// FileInput is one filing; a later one replaces it.
type FileInput struct {
	Firm string // id
	Filing
	Key once.Key
}

// Most is the largest quantity a filing may declare: beyond it somebody slipped.
const Most = 10_000_000

// File takes a firm's filing and decides on arrival.
//
// Faults: Invalid with fields, "start" when the first day of work is too near,
// Denied, NotFound, Unavailable.
func (s *Service) File(ctx context.Context, by auth.Principal, in FileInput) (Firm, error) {
	if err := s.validate(&in); err != nil {
		return Firm{}, err
	}
	var out Firm
	err := s.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		f, err := s.permitFirm(tx, by, MayFile, in.Firm)
		if err != nil {
			return err
		}
		out, err = once.Do(tx, in.Key, s.Clock(), func() (Firm, error) {
			filing := in.Filing
			if err := s.starts(tx, f, &filing); err != nil {
				return Firm{}, err
			}
			filing.At, filing.By, filing.Gone = s.Clock(), by.ID, 0
			f.Filing = &filing
			if f.Watch == Withdrawn {
				if err := s.setWatch(tx, []*row{&f}, PromiseKept, s.Clock()); err != nil {
					return Firm{}, err
				}
			}
			if err := s.record(tx, by, factFiled, f.ID, filing); err != nil {
				return Firm{}, err
			}
			f.afresh = true
			err := s.decide(tx, by, &f)
			if err == nil {
				err = s.caseFiled(tx, by, f)
			}
			return f.Firm, err
		})
		return err
	})
	if err != nil {
		return Firm{}, err
	}
	return s.signed(ctx, out)
}

func (s *Service) validate(in *FileInput) error {
	in.Signatory, in.Industry = strings.TrimSpace(in.Signatory), strings.TrimSpace(in.Industry)
	bad := fault.New(fault.Invalid, "fault.fields")
	if !in.Class.Valid() {
		bad.With("class", "workresume.class_unknown")
	}
	if !s.knows("industry", in.Industry) {
		bad.With("industry", "workresume.industry_unknown")
	}
	if in.Promise && in.Signatory == "" {
		bad.With("signatory", "workresume.signatory_missing")
	}
	if len(in.Signatory) > 200 {
		bad.With("signatory", "fault.too_long", "max", 200)
	}
	for _, q := range []struct {
		field string
		n     int64
		least int64
	}{
		{"declared_headcount", in.Declared, 1},
		{"masks", in.Masks, 0},
		{"thermometers", in.Thermometers, 0},
		{"disinfectant_litres", in.Disinfectant, 0},
		{"isolation_rooms", in.IsolationRooms, 0},
	} {
		if q.n < q.least || q.n > Most {
			bad.With(q.field, "workresume.out_of_range", "least", q.least, "most", int64(Most))
		}
	}
	return bad.OrNil()
}

// knows reports whether value is one of the options the rules offer for a fact.
func (s *Service) knows(fact, value string) bool {
	f, ok := s.Rules().Fact(fact)
	return ok && slices.ContainsFunc(f.Options, func(o rule.Option) bool { return o.Value == value })
}

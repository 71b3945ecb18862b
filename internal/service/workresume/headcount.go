package workresume

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

// What a firm declared follows its roster down, and up again as far as it filed: that
// one of 86 leaves takes nobody's certificate. More than was filed is never declared
// by itself, since supplies and rooms were judged for that number; and a roster that is
// short of the declared number stays short by as many, since nobody is missed less for
// another's leaving.

// Filed is how many people the filing named. Declared is how many of them are counted
// on now.
func (f Filing) Filed() int64 { return f.Declared + f.Gone }

// less is the filing after n people left and so many are on the roster. A filing names
// one person at least.
func (f Filing) less(n, roster int64) Filing {
	sinks := max(min(n, f.Declared-max(roster, 1)), 0)
	f.Declared, f.Gone = f.Declared-sinks, f.Gone+sinks
	return f
}

// more is the filing after n of those who left came back and so many are on the roster.
func (f Filing) more(n, roster int64) Filing {
	if n == roster && f.Declared == 1 {
		n-- // the one that stayed declared when everybody had left
	}
	rises := max(min(n, f.Gone), 0)
	f.Declared, f.Gone = f.Declared+rises, f.Gone-rises
	return f
}

// upTo is the filing after others joined: who fills an empty place on the roster first,
// and is counted again where somebody left.
func (f Filing) upTo(roster int64) Filing {
	rises := max(min(roster-f.Declared, f.Gone), 0)
	f.Declared, f.Gone = f.Declared+rises, f.Gone-rises
	return f
}

// headcountBody is the fact that the declared headcount followed the roster.
type headcountBody struct {
	From  int64 `json:"from"`
	To    int64 `json:"declared_headcount"`
	Filed int64 `json:"filed"`
}

// redeclare takes over a filing that followed the roster, and records it. The caller
// asks the rules and stores.
func (s *Service) redeclare(tx *storage.Tx, by auth.Principal, f *row, now Filing) error {
	was := f.Filing.Declared
	if now.Declared == was {
		return nil
	}
	f.Filing = &now
	return s.record(tx, by, factHeadcount, f.ID, headcountBody{From: was, To: now.Declared, Filed: now.Filed()})
}

package workresume

import (
	"context"
	"encoding/json"
	"slices"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/once"
	"breakwater/internal/storage"
)

// ActRisks is putting a whole file of places on the list. What somebody pastes they
// have read; a file of hundreds of lines nobody reads through, so that a second
// officer looks at what it would do.
const ActRisks = "workresume.list_risks"

// RisksMost is how many lines one act takes, pasted or from a file.
const RisksMost = riskLines

// RiskTrial is what lines would do if they were put on the list now.
type RiskTrial struct {
	RiskResult
	Looked  int64 `json:"looked"`  // travellers who were anywhere in the last weeks
	Turning int64 `json:"turning"` // who are green today and would be yellow

	Lines []RiskLine `json:"-"` // the good ones that are new
}

// TryRisks says what lines would do and changes nothing.
//
// Faults: as AddRisks.
func (s *Service) TryRisks(ctx context.Context, by auth.Principal, lines []RiskLine) (out RiskTrial, err error) {
	if err := s.mayList(by, lines); err != nil {
		return out, err
	}
	out.Faults = []RiskFault{}
	var fresh []Risk
	var plains []string
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		for _, l := range lines {
			plain, code := l.check()
			if code != "" {
				out.Faults = append(out.Faults, RiskFault{l.Line, code})
				continue
			}
			var there string
			err := r.Row(`select risk from workresume_risk where plain = $1 and level = $2 and from_day = $3 and until_day = $4 and ended = 0`,
				plain, l.Level, l.From, l.Until).Scan(&there)
			x := Risk{Place: plain, Level: l.Level, From: l.From, Until: l.Until}
			switch {
			case err == nil || slices.Contains(fresh, x):
				out.Unchanged++
			case storage.NoRows(err):
				out.Taken++
				fresh, plains, out.Lines = append(fresh, x), append(plains, plain), append(out.Lines, l)
			default:
				return err
			}
		}
		return nil
	})
	if err != nil || len(fresh) == 0 {
		return out, err
	}
	return out, s.turning(ctx, fresh, plains, &out)
}

func (s *Service) mayList(by auth.Principal, lines []RiskLine) error {
	if err := by.Permit(MayRisk, Grants, auth.District(s.District)); err != nil {
		return err
	}
	if len(lines) == 0 || len(lines) > riskLines {
		return fault.New(fault.Invalid, "fault.fields").With("lines", "workresume.risk_count", "most", riskLines)
	}
	return nil
}

// turning counts the travellers these lines would turn, a page in a snapshot of its
// own so that a look at a whole district holds nobody up.
func (s *Service) turning(ctx context.Context, fresh []Risk, plains []string, out *RiskTrial) error {
	reached := ""
	for more := true; more; {
		err := s.Store.Read(ctx, func(r storage.Reader) error {
			page, err := s.travellers(r, reached)
			if err != nil {
				return err
			}
			more = len(page) == weighPage
			for _, x := range page {
				reached = x.id
				out.Looked++
				turns, err := s.wouldTurn(r, x, fresh, plains)
				if err != nil {
					return err
				}
				if turns {
					out.Turning++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// wouldTurn is whether somebody green by their own reports and travel would not be.
func (s *Service) wouldTurn(r storage.Reader, x traveller, fresh []Risk, plains []string) (bool, error) {
	t, err := s.openTravel(x.id, x.sealed)
	if err != nil || !t.touches(plains) {
		return false, err
	}
	is, _, err := storedColour(r, x.id)
	if err != nil || is.own != Green {
		return false, err
	}
	e, err := s.exposed(r, x.id)
	if err != nil {
		return false, err
	}
	oldest := s.today() - lookBack + 1
	for _, v := range t.all() {
		plain, ok := plainPlace(v.Place)
		until := readDay(v.Until)
		if !ok || until < oldest {
			continue
		}
		all := beginnings(plain)
		for _, one := range fresh {
			if slices.Contains(all, one.Place) {
				e = e.with(one, readDay(v.From), until)
			}
		}
	}
	records, err := s.Parties.Same(r, x.id)
	if err != nil {
		return false, err
	}
	for _, one := range records {
		if one.ID != x.id {
			continue
		}
		days, err := s.daysOf(r, one, records)
		if err != nil {
			return false, err
		}
		pack, err := s.colours()
		if err != nil {
			return false, err
		}
		level, _, _ := judgeOwn(pack, days, e)
		return level != Green, nil
	}
	return false, nil
}

// RisksBody is what a second officer is asked to confirm. Turning and Looked are what
// the first was shown.
type RisksBody struct {
	Lines   []RiskLine `json:"lines"`
	Looked  int64      `json:"looked"`
	Turning int64      `json:"turning"`
}

// RisksInput asks for a file's lines. Lines that are not good are left out, as the
// trial said.
type RisksInput struct {
	Lines  []RiskLine
	Reason string
	Key    once.Key
}

// ProposeRisks asks that lines be put on the list; nothing is there until a second
// officer of the district has confirmed.
//
// Faults: as AddRisks; Invalid "workresume.risk_none" where no line is good and new.
func (s *Service) ProposeRisks(ctx context.Context, by auth.Principal, in RisksInput) (act dual.Act, err error) {
	if !ident.Reasoned(in.Reason, reasonLeast, reasonMost) {
		return act, fault.New(fault.Invalid, "fault.fields").With("reason", "workresume.reason_length", "least", reasonLeast, "most", reasonMost)
	}
	trial, err := s.TryRisks(ctx, by, in.Lines)
	if err != nil {
		return act, err
	}
	err = s.Store.Write(ctx, func(tx *storage.Tx) error {
		id, err := once.Do(tx, in.Key, s.Clock(), func() (string, error) {
			if len(trial.Lines) == 0 {
				return "", fault.New(fault.Invalid, "fault.fields").With("lines", "workresume.risk_none")
			}
			a, err := s.Acts.Propose(tx, by, dual.Proposal{
				Kind: ActRisks, Subject: ident.New("rsl", s.Clock()), Scope: []auth.Scope{auth.District(s.District)}, Reason: in.Reason,
				Body: RisksBody{trial.Lines, trial.Looked, trial.Turning},
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

// ConfirmRisks is the second officer's yes: the lines are on the list, and travellers
// are weighed again in the background.
//
// Faults: as dual.Store.Confirm.
func (s *Service) ConfirmRisks(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	return s.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := once.Do(tx, key, s.Clock(), func() (string, error) {
			_, err := s.Acts.Confirm(tx, by, ActRisks, act, func(a dual.Act) error {
				var want RisksBody
				if err := json.Unmarshal(a.Body, &want); err != nil {
					return err
				}
				_, err := s.addRisks(tx, by, want.Lines)
				return err
			})
			return act, err
		})
		return err
	})
}

// traveller is somebody who said where they were.
type traveller struct {
	id     string
	sealed []byte
}

// travellers are the next of those who were anywhere in the last weeks.
func (s *Service) travellers(r storage.Reader, after string) ([]traveller, error) {
	return storage.All(r, func(rows *storage.Rows) (x traveller, err error) { return x, rows.Scan(&x.id, &x.sealed) },
		`select person, content from workresume_travel where person > $1 and last >= $2 order by person limit $3`, after, s.oldest(), weighPage)
}

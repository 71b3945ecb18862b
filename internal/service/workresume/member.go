package workresume

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/storage"
)

// PageSize is how many rows a list shows at once.
const PageSize = 50

// MemberFilter chooses from a firm's roster. Query is a full ID number, a phone, a
// full name or part of one: the roster is opened in memory to look, never indexed.
type MemberFilter struct {
	Query string
	Left  bool   // those who left instead of those who are here
	After string // person id the page before ended with
}

// Members is one page of a firm's roster, masked, and where the next begins ("" at
// the end).
//
// Faults: Denied, NotFound.
func (s *Service) Members(ctx context.Context, by auth.Principal, firm string, q MemberFilter) (list []Member, next string, err error) {
	err = s.Store.Read(ctx, func(r storage.Reader) error {
		list, next = nil, ""
		f, err := s.permitFirm(r, by, MaySee, firm)
		if err != nil {
			return err
		}
		rows, err := s.memberRows(r, f.ID, q)
		if err != nil {
			return err
		}
		if len(rows) > PageSize {
			rows = rows[:PageSize]
			next = rows[PageSize-1].ID
		}
		list, err = s.dress(r, rows)
		return err
	})
	return list, next, err
}

func (s *Service) memberRows(r storage.Reader, firm string, q MemberFilter) ([]memberRow, error) {
	here := `departed = 0`
	if q.Left {
		here = `departed > 0`
	}
	limit := PageSize + 1
	query := strings.TrimSpace(q.Query)
	if query != "" {
		limit = 1_000_000 // a scope's whole roster, to be opened and looked through
	}
	rows, err := storage.All(r, scanMember, `select person, joined, departed, details from workresume_member
		where firm = $1 and person > $2 and `+here+` order by person limit $3`, firm, q.After, limit)
	if err != nil || query == "" {
		return rows, err
	}
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	hits, err := s.Parties.Scan(r, slices.Values(ids), func(p party.Person) bool {
		return strings.Contains(strings.ToLower(p.Name), strings.ToLower(query)) || strings.EqualFold(p.IDNumber, query) || p.Phone == query
	})
	if err != nil {
		return nil, err
	}
	hit := make(map[string]bool, len(hits)) // a common surname hits half of a large roster
	for _, id := range hits {
		hit[id] = true
	}
	return slices.DeleteFunc(rows, func(m memberRow) bool { return !hit[m.ID] }), nil
}

type memberRow struct {
	Member
	details []byte
}

func scanMember(rows *storage.Rows) (memberRow, error) {
	var m memberRow
	var joined, departed int64
	err := rows.Scan(&m.ID, &joined, &departed, &m.details)
	m.Joined, m.Left = clock.FromMicros(joined), instant(departed)
	return m, err
}

// dress fills in the masked person and the roster's details.
func (s *Service) dress(r storage.Reader, rows []memberRow) ([]Member, error) {
	ids := make([]string, len(rows))
	for i, m := range rows {
		ids[i] = m.ID
	}
	people, err := s.Parties.Masked(r, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Member, len(rows))
	for i, m := range rows {
		d, err := s.openDetails(m.details)
		if err != nil {
			return nil, err
		}
		m.MaskedPerson = people[m.ID]
		m.Number, m.Department, m.Post = d.Number, d.Department, d.Post
		out[i] = m.Member
	}
	return out, nil
}

func (s *Service) openDetails(sealed []byte) (details, error) {
	var d details
	plain, err := s.Ring.Open(sealed, []byte("workresume.member"))
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(plain, &d)
}

// Leave takes people off the roster because the firm says so; Return undoes it. The
// declared headcount follows. Who is already off, or back, stays so.
//
// Faults: Invalid, Denied, NotFound; Return also Conflict when another firm's
// roster has the person by now.
func (s *Service) Leave(ctx context.Context, by auth.Principal, firm string, people []string, key once.Key) (int64, error) {
	return s.shift(ctx, by, firm, people, key, factLeft)
}

// Return puts people who left back on the roster; see Leave.
func (s *Service) Return(ctx context.Context, by auth.Principal, firm string, people []string, key once.Key) (int64, error) {
	moved, err := s.shift(ctx, by, firm, people, key, factReturned)
	if !fault.Is(err, "workresume.member_elsewhere") {
		return moved, err
	}
	// Whose roster somebody is on is told to a firm they left, and to no other.
	left, failed := s.leftHere(ctx, firm, fault.As(err).Args["person"])
	if failed == nil && !left {
		return 0, fault.New(fault.NotFound, "workresume.member_unknown")
	}
	return 0, errors.Join(err, failed)
}

// leftHere reports whether a person left this firm's roster, as far as its latest
// thousand facts say.
func (s *Service) leftHere(ctx context.Context, firm string, person any) (bool, error) {
	facts, err := s.Log.Stream(ctx, "firm:"+firm, 1000)
	if err != nil {
		return false, err
	}
	for _, f := range facts {
		var body struct {
			People []string `json:"people"`
		}
		if f.Name != "workresume."+factLeft || json.Unmarshal(f.Body, &body) != nil {
			continue
		}
		if slices.ContainsFunc(body.People, func(p string) bool { return p == person }) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Service) shift(ctx context.Context, by auth.Principal, firm string, people []string, key once.Key, fact string) (int64, error) {
	if len(people) == 0 || len(people) > 500 {
		return 0, fault.New(fault.Invalid, "workresume.choose_people", "most", 500)
	}
	var out Firm
	var moved int64
	err := s.Store.Write(ctx, func(tx *storage.Tx) error {
		f, err := s.permitFirm(tx, by, MayFile, firm)
		if err != nil {
			return err
		}
		moved, err = once.Do(tx, key, s.Clock(), func() (int64, error) { return s.shiftAll(tx, by, &f, people, fact) })
		out = f.Firm
		return err
	})
	if err != nil {
		return 0, err
	}
	_, err = s.signed(ctx, out)
	return moved, err
}

func (s *Service) shiftAll(tx *storage.Tx, by auth.Principal, f *row, people []string, fact string) (int64, error) {
	now := clock.Micros(s.Clock())
	var moved []string
	for _, p := range people {
		var n int64
		var err error
		if fact == factLeft {
			n, err = tx.Exec(`update workresume_member set departed = $1 where person = $2 and firm = $3 and departed = 0`, now, p, f.ID)
		} else {
			n, err = tx.Exec(`update workresume_member set departed = 0 where person = $1 and firm = $2 and departed > 0`, p, f.ID)
		}
		if err != nil {
			return 0, err
		}
		if n > 0 {
			moved = append(moved, p)
		} else if err := s.belongs(tx, f.ID, p, fact); err != nil {
			return 0, err
		}
	}
	if len(moved) == 0 {
		return 0, nil
	}
	s.changed(tx, "", moved...)
	step := int64(len(moved))
	if fact == factLeft {
		step = -step
		if err := s.withdrawPasses(tx, moved...); err != nil {
			return 0, err
		}
	}
	f.Roster += step
	if _, err := tx.Exec(`update workresume_firm set roster = roster + $1 where firm = $2`, step, f.ID); err != nil {
		return 0, err
	}
	if err := s.record(tx, by, fact, f.ID, map[string]any{"people": moved}); err != nil {
		return 0, err
	}
	if f.Filing != nil {
		filing := f.Filing.more(step, f.Roster)
		if step < 0 {
			filing = f.Filing.less(-step, f.Roster)
		}
		if err := s.redeclare(tx, by, f, filing); err != nil {
			return 0, err
		}
		if err := s.decide(tx, by, f); err != nil {
			return 0, err
		}
	}
	return int64(len(moved)), nil
}

// belongs tells a repeated tap from somebody else's person.
func (s *Service) belongs(r storage.Reader, firm, person, fact string) error {
	var at string
	err := r.Row(`select firm from workresume_member where person = $1`, person).Scan(&at)
	switch {
	case storage.NoRows(err):
		return fault.New(fault.NotFound, "workresume.member_unknown")
	case err != nil:
		return err
	case at == firm:
		return nil
	case fact == factReturned:
		return fault.New(fault.Conflict, "workresume.member_elsewhere", "person", person)
	}
	return fault.New(fault.NotFound, "workresume.member_unknown")
}

// Reveal opens one person on a firm's roster to its office or an officer; the
// reason is recorded with who looked.
//
// Faults: Invalid for the reason, Denied, NotFound.
func (s *Service) Reveal(ctx context.Context, by auth.Principal, firm, person, reason string) (party.Person, error) {
	err := s.Store.Read(ctx, func(r storage.Reader) error {
		if _, err := s.permitFirm(r, by, MayReveal, firm); err != nil {
			return err
		}
		return s.belongs(r, firm, person, factLeft)
	})
	if err != nil {
		return party.Person{}, err
	}
	return s.Parties.Reveal(ctx, s.Store, s.Log, by.ID, person, reason)
}

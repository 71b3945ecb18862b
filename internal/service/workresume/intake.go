package workresume

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/party"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/storage"
)

// intake puts the rows of one file on rosters, a chunk a transaction. Everything
// that costs cryptography is prepared before the transaction begins.
type intake struct {
	*Service
	by      auth.Principal
	file    *roster.File
	firms   map[string]string // credit code → firm id, of rows that name their firm
	own     string            // credit code of the import's firm
	touched map[string]bool
}

func (in *intake) begin(ctx context.Context, im Import, header []string) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	return in.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		in.own = im.newcomer
		if im.Firm != "" {
			f, err := in.load(tx, im.Firm)
			if err != nil {
				return err
			}
			in.own = f.CreditCode
		}
		if _, err := tx.Exec(`delete from workresume_import_fault where import = $1`, im.ID); err != nil {
			return err
		}
		_, err := tx.Exec(`update workresume_import set total = $1, header = $2 where import = $3`, im.Total, string(text), im.ID)
		return err
	})
}

// entry is a good row, ready to be stored.
type entry struct {
	line    int
	code    string // credit code, "" for the import's firm
	person  party.Person
	sealed  []party.Sealed // one
	digest  []byte
	details []byte
	raw     []string // the row as typed, for the marked copy if it is refused after all
}

// fall is a refused row, sealed for the marked copy.
type fall struct {
	line  int64
	cells []byte
}

// refusedCells is a refused row as kept.
type refusedCells struct {
	Raw    []string           `json:"raw"`
	Faults []roster.CellFault `json:"faults"`
}

// take puts one chunk in and returns the import with the new counts.
func (in *intake) take(ctx context.Context, im Import, c chunk) (Import, error) {
	var out Import
	var touched []string
	err := in.Store.WriteLow(ctx, func(tx *storage.Tx) error {
		out, touched = im, nil
		out.Rows += c.rows
		out.Rejected += int64(len(c.falls))
		firms, err := in.firmsOf(tx, im, c.good)
		if err != nil {
			return err
		}
		plans, err := in.plan(tx, im, c.good, firms)
		if err != nil {
			return err
		}
		falls := c.falls
		for _, p := range plans {
			switch p.what {
			case misnamed:
				out.Rejected++
				f, err := in.misnamed(im.ID, p)
				if err != nil {
					return err
				}
				falls = append(falls[:len(falls):len(falls)], f)
			case same:
				out.Unchanged++
			case elsewhere:
				out.Review++
			default:
				out.Accepted++
			}
		}
		if !im.DryRun {
			if touched, err = in.apply(tx, im, plans); err != nil {
				return err
			}
			if im.resumed { // whoever put these rows in may not have come to decide
				for _, p := range plans {
					touched = append(touched, p.firm)
				}
			}
		}
		if err := in.keepFalls(tx, im.ID, falls); err != nil {
			return err
		}
		_, err = tx.Exec(`update workresume_import set row_count = $1, accepted = $2, rejected = $3, unchanged = $4, review = $5 where import = $6`,
			out.Rows, out.Accepted, out.Rejected, out.Unchanged, out.Review, im.ID)
		return err
	})
	if err != nil {
		return im, err
	}
	for _, f := range touched {
		in.touched[f] = true
	}
	return out, nil
}

// prepare seals the good rows and the refused ones.
func (in *intake) prepare(id string, rows []roster.Row) (good []entry, falls []fall, err error) {
	now := in.Clock()
	for _, r := range rows {
		in.placeRow(&r)
		if len(r.Faults) == 0 {
			e, err := in.seal(r.Line, r.Person, now)
			if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
				r.Faults = append(r.Faults, roster.CellFault{Column: "", Field: "name", Code: f.Fields[0].Code, Args: f.Fields[0].Args})
			} else if err != nil {
				return nil, nil, err
			} else {
				e.raw = r.Raw
				good = append(good, e)
				continue
			}
		}
		f, err := in.refuse(id, r.Line, r.Raw, r.Faults)
		if err != nil {
			return nil, nil, err
		}
		falls = append(falls, f)
	}
	return good, falls, nil
}

func (in *intake) refuse(id string, line int, raw []string, faults []roster.CellFault) (fall, error) {
	cells, err := json.Marshal(refusedCells{Raw: raw, Faults: faults})
	if err != nil {
		return fall{}, err
	}
	sealed, err := in.Ring.Seal(cells, []byte(id))
	return fall{int64(line), sealed}, err
}

// placeRow refuses a row whose credit code is another firm's, or that names no firm
// where the file does not belong to one.
func (in *intake) placeRow(r *roster.Row) {
	switch {
	case in.own != "" && r.Person.CreditCode != "" && r.Person.CreditCode != in.own:
		r.Faults = append(r.Faults, roster.CellFault{Field: "credit_code", Code: "workresume.row_other_firm", Value: r.Person.CreditCode})
	case in.own == "" && r.Person.CreditCode == "":
		r.Faults = append(r.Faults, roster.CellFault{Field: "credit_code", Code: "workresume.row_no_firm"})
	}
}

func (in *intake) seal(line int, r roster.Person, now time.Time) (entry, error) {
	e := entry{line: line, person: party.Person{Name: r.Name, IDKind: r.IDKind, IDNumber: r.IDNumber, Phone: r.Phone, Address: r.Address, Native: r.NativePlace}}
	if in.own == "" {
		e.code = r.CreditCode
	}
	var err error
	if e.sealed, err = in.Parties.Prepare([]party.Person{e.person}, now); err != nil {
		return e, err
	}
	d := details{r.Number, r.Department, r.Post, r.NativePlace, r.Address, r.ReturnDate, r.Origin, r.Places14}
	plain, err := json.Marshal(d)
	if err != nil {
		return e, err
	}
	e.digest = in.Ring.Hash("workresume.row", strings.Join([]string{r.Name, r.IDKind, r.IDNumber, r.Phone, string(plain)}, "\x00"))
	e.details, err = in.Ring.Seal(plain, []byte("workresume.member"))
	return e, err
}

// firmsOf finds, and registers, the firms the rows name.
func (in *intake) firmsOf(tx *storage.Tx, im Import, good []entry) (map[string]string, error) {
	firms := map[string]string{"": im.Firm}
	for _, e := range good {
		if _, ok := firms[e.code]; ok {
			continue
		}
		if im.DryRun {
			o, _, err := in.Parties.FindCode(tx, e.code)
			if err != nil {
				return nil, err
			}
			firms[e.code] = o.ID
			continue
		}
		f, err := in.Enter(tx, in.by, RegisterInput{CreditCode: e.code})
		if err != nil {
			return nil, err
		}
		firms[e.code] = f.ID
	}
	return firms, nil
}

func (in *intake) keepFalls(tx *storage.Tx, id string, falls []fall) error {
	for _, f := range falls {
		if _, err := tx.Exec(`insert into workresume_import_fault (import, line, cells) values ($1, $2, $3)`, id, f.line, f.cells); err != nil {
			return err
		}
	}
	return nil
}

// what becomes of a good row.
type outcome int

const (
	joins     outcome = iota // not on any roster
	rejoins                  // was on one and left
	changes                  // on this roster, with other details
	same                     // on this roster, just so
	elsewhere                // on another firm's roster: a review
	misnamed                 // known under another name: refused
)

type plan struct {
	entry
	firm, person string
	what         outcome
	known        bool   // the district knew the person before this row
	other        string // firm whose roster has the person
	was          string // the name on record, of who is misnamed
	ours         bool   // who the person is, this firm's roster said
}

// plan looks each person up and says what becomes of the row.
func (in *intake) plan(tx *storage.Tx, im Import, good []entry, firms map[string]string) ([]plan, error) {
	if len(good) == 0 {
		return nil, nil
	}
	plans := make([]plan, len(good))
	people, created, err := in.peopleOf(tx, im, good)
	if err != nil {
		return nil, err
	}
	known, err := in.membersOf(tx, people)
	if err != nil {
		return nil, err
	}
	for i, e := range good {
		p := plan{entry: e, firm: firms[e.code], person: people[i], what: joins, known: !created[i]}
		if m, ok := known[p.person]; ok && p.person != "" {
			p.ours = m.firm == p.firm
			switch {
			case m.departed:
				p.what = rejoins
			case m.firm != p.firm:
				p.what, p.other = elsewhere, m.firm
			case bytes.Equal(m.digest, e.digest):
				p.what = same
			default:
				p.what = changes
			}
		}
		plans[i] = p
	}
	return plans, in.askNames(tx, plans)
}

// peopleOf returns the person of each row and whether the row brought them in; a
// dry run adds nobody, and answers "" for those not known.
func (in *intake) peopleOf(tx *storage.Tx, im Import, good []entry) (ids []string, created []bool, err error) {
	if im.DryRun {
		ids = make([]string, len(good))
		for i, e := range good {
			id, _, err := in.Parties.FindNumber(tx, e.person.IDKind, e.person.IDNumber)
			if err != nil {
				return nil, nil, err
			}
			ids[i] = id
		}
		return ids, make([]bool, len(good)), nil
	}
	sealed := make([]party.Sealed, len(good))
	for i, e := range good {
		sealed[i] = e.sealed[0]
	}
	return in.Parties.EnsureAll(tx, sealed, in.Clock())
}

type membership struct {
	firm     string
	departed bool
	digest   []byte
}

func (in *intake) membersOf(tx *storage.Tx, people []string) (map[string]membership, error) {
	out := make(map[string]membership, len(people))
	list, args := storage.In(1, people)
	_, err := storage.All(tx, func(rows *storage.Rows) (struct{}, error) {
		var person string
		var m membership
		var departed int64
		err := rows.Scan(&person, &m.firm, &departed, &m.digest)
		m.departed = departed > 0
		out[person] = m
		return struct{}{}, err
	}, `select person, firm, departed, digest from workresume_member where person in (`+list+`)`, args...)
	return out, err
}

// apply stores what plan decided, one fact for each firm of the chunk, and
// returns the firms whose roster changed.
func (in *intake) apply(tx *storage.Tx, im Import, plans []plan) ([]string, error) {
	now := clock.Micros(in.Clock())
	bodies := map[string]*importedBody{}
	var order []string
	for _, p := range plans {
		if p.what == same || p.what == misnamed {
			continue
		}
		b := bodies[p.firm]
		if b == nil {
			b = &importedBody{Import: im.ID}
			bodies[p.firm] = b
			order = append(order, p.firm)
		}
		var err error
		switch p.what {
		case joins, rejoins:
			b.Joined = append(b.Joined, p.person)
			_, err = tx.Exec(`insert into workresume_member (person, firm, joined, departed, digest, details) values ($1, $2, $3, 0, $4, $5)
				on conflict (person) do update set firm = excluded.firm, joined = excluded.joined, departed = 0, digest = excluded.digest, details = excluded.details`,
				p.person, p.firm, now, p.digest, p.details)
			if err == nil && p.known {
				err = in.renew(tx, p)
			}
		case changes:
			b.Changed = append(b.Changed, p.person)
			if _, err = tx.Exec(`update workresume_member set digest = $1, details = $2 where person = $3`, p.digest, p.details, p.person); err == nil {
				err = in.renew(tx, p)
			}
		case elsewhere:
			var n int64
			n, err = tx.Exec(`insert into workresume_review (review, firm, other, person, state, note, reason, digest, details, found, settled)
				values ($1, $2, $3, $4, 'found', '', '', $5, $6, $7, 0) on conflict (firm, person, settled) do nothing`,
				ident.New("rev", in.Clock()), p.firm, p.other, p.person, p.digest, p.details, now)
			if n > 0 {
				b.Review = append(b.Review, p.person)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	for _, firm := range order {
		b := bodies[firm]
		in.changed(tx, "", append(b.Joined, b.Changed...)...)
		if _, err := tx.Exec(`update workresume_firm set roster = roster + $1, reviews = reviews + $2 where firm = $3`, len(b.Joined), len(b.Review), firm); err != nil {
			return nil, err
		}
		if err := in.record(tx, in.by, factImported, firm, b); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// renew takes over what the file of the firm that has the person says of them: the
// name as it spells it, a new phone. Of who comes from another roster nothing stays
// that the new firm did not say: the phone opens the worker's own page, and what
// an earlier firm knew is not the next one's to reveal.
func (in *intake) renew(tx *storage.Tx, p plan) error {
	_, err := in.Parties.Update(tx, p.person, in.Clock(), func(x *party.Person) {
		x.Name, x.Phone = p.entry.person.Name, p.entry.person.Phone
		x.Address, x.Native = p.entry.person.Address, p.entry.person.Native
	})
	return err
}

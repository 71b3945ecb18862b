package party

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/storage"
)

// Ensure returns the id of the person with p's ID number, and adds p if nobody
// has it yet. A known person is left exactly as they are: a new phone or a
// corrected name is Update's to say.
//
// Invalid "party.invalid".
func (s *Store) Ensure(tx *storage.Tx, p Person, now time.Time) (id ID, created bool, err error) {
	sealed, err := s.Prepare([]Person{p}, now)
	if err != nil {
		return "", false, err
	}
	ids, fresh, err := s.EnsureAll(tx, sealed, now)
	if err != nil {
		return "", false, err
	}
	return ids[0], fresh[0], nil
}

// statementRows is how many people one statement carries: PostgreSQL would
// have more, to save round trips; SQLite fewer, for it journals a statement of
// many rows apart (measured 1 to 100).
const statementRows = 20

// EnsureAll is Ensure for many, prepared outside the Write; give it at most
// 500 a Write. The answers stand in the order of people. Somebody who occurs
// twice is added once: the second is not created and has the first one's id.
func (s *Store) EnsureAll(tx *storage.Tx, people []Sealed, now time.Time) (ids []ID, created []bool, err error) {
	order := inOrder(tx, people)
	sorted := make([]Sealed, len(people))
	for i, at := range order {
		sorted[i] = people[at]
	}
	gave, added := make([]ID, len(people)), make([]bool, len(people))
	for from := 0; from < len(people); from += statementRows {
		to := min(from+statementRows, len(people))
		if err := s.ensureSome(tx, sorted[from:to], gave[from:to], added[from:to], clock.Micros(now)); err != nil {
			return nil, nil, err
		}
	}
	ids, created = make([]ID, len(people)), make([]bool, len(people))
	for i, at := range order {
		ids[at], created[at] = gave[i], added[i]
	}
	return ids, created, nil
}

// inOrder is in which order people are inserted: as they came on SQLite, which has one
// writer; by their numbers on PostgreSQL, where two rosters that name the same people in
// different orders would wait for one another, a second for each time the engine finds out.
func inOrder(tx *storage.Tx, people []Sealed) []int {
	order := make([]int, len(people))
	for i := range order {
		order[i] = i
	}
	if tx.Engine() == storage.Postgres {
		slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(people[a].number, people[b].number) })
	}
	return order
}

// ensureSome inserts first and asks who was there only if somebody was.
func (s *Store) ensureSome(tx *storage.Tx, people []Sealed, ids []ID, created []bool, us int64) error {
	args := make([]any, 0, len(people)*personParams)
	for _, p := range people {
		args = append(args, p.ID, p.number, p.run, orNull(p.phone), orNull(p.name), p.blob, us)
	}
	n, err := tx.Exec(insertPeople(len(people)), args...)
	if err != nil {
		return err
	}
	for i, p := range people {
		ids[i], created[i] = p.ID, true
	}
	if n == int64(len(people)) {
		return nil
	}
	holders, err := s.holders(tx, people)
	if err != nil {
		return err
	}
	for i, p := range people {
		id, ok := holders[string(p.number)]
		if !ok {
			return fmt.Errorf("party: id %s belongs to another person", p.ID)
		}
		ids[i], created[i] = id, id == p.ID
	}
	return nil
}

// holders maps each number hash to the id of the person who has it.
func (s *Store) holders(r storage.Reader, people []Sealed) (map[string]ID, error) {
	numbers := make([]any, len(people))
	for i, p := range people {
		numbers[i] = p.number
	}
	list, args := storage.In(1, numbers)
	found := make(map[string]ID, len(people))
	_, err := storage.All(r, func(rows *sql.Rows) (struct{}, error) {
		var hash []byte
		var id ID
		err := rows.Scan(&id, &hash)
		found[string(hash)] = id
		return struct{}{}, err
	}, `select id, number_hash from party_person where number_hash in (`+list+`)`, args...)
	return found, err
}

// personParams is the number of parameters a person takes in insertPeople.
const personParams = 7

func insertPeople(n int) string {
	var b strings.Builder
	b.WriteString(`insert into party_person (id, number_hash, run, phone_hash, name_hash, sealed, created, updated, erased) values `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := 1; j <= personParams; j++ {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i*personParams + j))
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i*personParams + personParams)) // updated = created
		b.WriteString(",0)")
	}
	b.WriteString(` on conflict do nothing`)
	return b.String()
}

// orNull makes an absent hash the database's null rather than empty bytes.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

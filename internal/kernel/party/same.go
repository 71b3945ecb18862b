package party

import (
	"slices"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// The facts of records that are one person, sealed on each record's own stream.
const (
	Joined = "party.joined" // JoinedBody
	Parted = "party.parted" // JoinedBody; With is whom it was one with
)

// JoinedBody is the body of Joined and Parted.
type JoinedBody struct {
	With   []ID   `json:"with"`
	Reason string `json:"reason"`
	Act    string `json:"act,omitempty"` // by which two people said so
}

// Record is one record of a person who may have several. Since is when it was found
// to be of the same person as the others; zero where there are none.
type Record struct {
	ID    ID
	Since time.Time
	whole string
}

// joinedMost is how many records one person may have: beyond a handful it is not
// typing mistakes any more, and somebody should look.
const joinedMost = 8

// Same returns all records of the person one of whose records is id, in the order of
// their ids; id alone where nobody said otherwise.
func (s *Store) Same(r storage.Reader, id ID) ([]Record, error) {
	list, err := storage.All(r, scanRecord, `select b.person, b.since, b.whole from party_same a
		join party_same b on b.whole = a.whole and b.standing = '' where a.person = $1 and a.standing = '' order by b.person`, id)
	if err == nil && len(list) == 0 {
		list = []Record{{ID: id}}
	}
	return list, err
}

func scanRecord(rows *storage.Rows) (x Record, err error) {
	var since int64
	err = rows.Scan(&x.ID, &since, &x.whole)
	x.Since = clock.FromMicros(since)
	return x, err
}

// Whole is the id of what the record stands in with others, "" where it stands alone.
func (x Record) Whole() string { return x.whole }

// Joinings counts what this process joined and took apart: who keeps in memory what
// Several said reads it again when this has moved. Another process's are not in it.
func (s *Store) Joinings() uint64 { return s.joinings.Load() }

// Several returns every record that is, or once was, one of several of a person, with
// the whole it stands in: "" for one that was taken apart.
func (s *Store) Several(r storage.Reader) (map[ID]string, error) {
	out := map[ID]string{}
	_, err := storage.All(r, func(rows *storage.Rows) (x struct{}, err error) {
		var id, whole, standing string
		if err = rows.Scan(&id, &whole, &standing); err != nil {
			return x, err
		}
		if standing != "" {
			whole = out[id] // where it stands, if that row came first
		}
		out[id] = whole
		return x, nil
	}, `select person, whole, standing from party_same`)
	return out, err
}

// Wholes returns all people who have several records, each with its records; at most
// so many records.
func (s *Store) Wholes(r storage.Reader, most int) ([][]Record, error) {
	list, err := storage.All(r, scanRecord, `select person, since, whole from party_same where standing = '' order by whole desc, person limit $1`, most)
	var out [][]Record
	for _, x := range list {
		if n := len(out); n > 0 && out[n-1][0].whole == x.whole {
			out[n-1] = append(out[n-1], x)
			continue
		}
		out = append(out, []Record{x})
	}
	return out, err
}

// Join says that two records are of one person, and returns all of that person's. A
// record may come to a person who has several already; two people of several records
// each are not joined, since what then to take apart again nobody could say. What is
// kept under either record stays where it is. The caller permits, and asks a second
// person.
//
// Invalid "party.same_self". NotFound "party.unknown", "party.erased". Conflict
// "party.same_already", "party.same_several", "party.same_many".
func (s *Store) Join(tx *storage.Tx, log *eventlog.Log, actor string, a, b ID, body JoinedBody, now time.Time) ([]Record, error) {
	if err := s.CanJoin(tx, a, b); err != nil {
		return nil, err
	}
	left, err := s.Same(tx, a)
	if err != nil {
		return nil, err
	}
	right, err := s.Same(tx, b)
	if err != nil {
		return nil, err
	}
	whole := left[0].whole + right[0].whole // one of them is empty
	if whole == "" {
		whole = ident.New("who", now)
	}
	for _, x := range slices.Concat(left, right) {
		if x.whole != "" {
			continue
		}
		n, err := tx.Exec(`insert into party_same (same, person, whole, since, ended, standing) values ($1, $2, $3, $4, 0, '')
			on conflict (person, standing) do nothing`, ident.New("sam", now), x.ID, whole, clock.Micros(now))
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fault.New(fault.Conflict, "party.same_already")
		}
	}
	all, err := s.Same(tx, a)
	if err != nil {
		return nil, err
	}
	return all, s.recordSame(tx, log, actor, Joined, all, body, now)
}

// CanJoin says why two records cannot be joined, as Join does, or nil.
func (s *Store) CanJoin(r storage.Reader, a, b ID) error {
	if a == b {
		return fault.New(fault.Invalid, "party.same_self")
	}
	for _, id := range [...]ID{a, b} {
		if _, err := s.Get(r, id); err != nil {
			return err
		}
	}
	left, err := s.Same(r, a)
	if err != nil {
		return err
	}
	right, err := s.Same(r, b)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(left, func(x Record) bool { return x.ID == b }):
		return fault.New(fault.Conflict, "party.same_already")
	case len(left) > 1 && len(right) > 1:
		return fault.New(fault.Conflict, "party.same_several")
	case len(left)+len(right) > joinedMost:
		return fault.New(fault.Conflict, "party.same_many", "most", joinedMost)
	}
	return nil
}

// TakenApart refuses to join records one of which was taken apart from others since:
// whoever asked did not know what an officer found out later.
//
// Conflict "party.same_apart".
func (s *Store) TakenApart(r storage.Reader, since time.Time, ids ...ID) error {
	for _, id := range ids {
		var n int64
		if err := r.Row(`select count(*) from party_same where person = $1 and ended > $2`, id, clock.Micros(since)).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "party.same_apart")
		}
	}
	return nil
}

// Part says that a record is of somebody else than the records it was joined with,
// and returns those that were one, it among them. Where one would be left alone, it
// is alone again.
//
// Conflict "party.same_alone".
func (s *Store) Part(tx *storage.Tx, log *eventlog.Log, actor string, id ID, reason string, now time.Time) ([]Record, error) {
	all, err := s.Same(tx, id)
	if err != nil {
		return nil, err
	}
	if len(all) < 2 {
		return nil, fault.New(fault.Conflict, "party.same_alone")
	}
	gone := []ID{id}
	if len(all) == 2 {
		gone = []ID{all[0].ID, all[1].ID}
	}
	for _, x := range gone {
		if _, err := tx.Exec(`update party_same set ended = $1, standing = same where person = $2 and standing = ''`, clock.Micros(now), x); err != nil {
			return nil, err
		}
	}
	return all, s.recordSame(tx, log, actor, Parted, all, JoinedBody{Reason: reason}, now)
}

// recordSame records what was said of all of a person's records, on each.
func (s *Store) recordSame(tx *storage.Tx, log *eventlog.Log, actor, name string, all []Record, body JoinedBody, now time.Time) error {
	tx.OnCommit(func() { s.joinings.Add(1) })
	for _, x := range all {
		body.With = nil
		for _, y := range all {
			if y.ID != x.ID {
				body.With = append(body.With, y.ID)
			}
		}
		if _, err := log.Append(tx, eventlog.Fact{Stream: Stream(x.ID), Name: name, Actor: actor, Subject: x.ID, At: now, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

package party

import (
	"database/sql"
	"iter"

	"breakwater/internal/storage"
)

// readChunk is how many people one statement opens.
const readChunk = 500

// Masked returns the people with these ids as screens show them. An unknown id
// is absent; an erased person is there, with nothing but the id.
func (s *Store) Masked(r storage.Reader, ids ...ID) (map[ID]MaskedPerson, error) {
	out := make(map[ID]MaskedPerson, len(ids))
	err := s.each(r, ids, func(id ID, sealed []byte, erased bool) error {
		if erased {
			out[id] = MaskedPerson{ID: id, Erased: true}
			return nil
		}
		p, err := s.open(id, sealed)
		out[id] = p.Mask()
		return err
	})
	return out, err
}

// Open returns the people with these ids in the open, for the program's own
// work: matching, signing, printing to the person themself. What a human reads
// of another goes through Reveal. Unknown and erased ids are absent.
func (s *Store) Open(r storage.Reader, ids ...ID) (map[ID]Person, error) {
	out := make(map[ID]Person, len(ids))
	err := s.each(r, ids, func(id ID, sealed []byte, erased bool) error {
		if erased {
			return nil
		}
		p, err := s.open(id, sealed)
		out[id] = p
		return err
	})
	return out, err
}

// Scan returns those of ids whose person matches: the way to a partial name
// within a scope. The people are opened in memory and closed again; match
// keeps nothing of what it sees. ids nil means everybody, for who may see the
// whole district; run that in an Export. Costs about 6 µs a person.
func (s *Store) Scan(r storage.Reader, ids iter.Seq[ID], match func(Person) bool) ([]ID, error) {
	var found []ID
	look := func(id ID, sealed []byte, erased bool) error {
		if erased {
			return nil
		}
		p, err := s.open(id, sealed)
		if err == nil && match(p) {
			found = append(found, id)
		}
		return err
	}
	if ids == nil {
		err := eachRow(r, look, `select id, sealed, erased from party_person order by id`)
		return found, err
	}
	chunk := make([]ID, 0, readChunk)
	for id := range ids {
		if chunk = append(chunk, id); len(chunk) == readChunk {
			if err := s.each(r, chunk, look); err != nil {
				return nil, err
			}
			chunk = chunk[:0]
		}
	}
	if err := s.each(r, chunk, look); err != nil {
		return nil, err
	}
	return found, nil
}

// each runs do for those of ids that exist. Within a chunk the order is the
// database's.
func (s *Store) each(r storage.Reader, ids []ID, do func(id ID, sealed []byte, erased bool) error) error {
	for len(ids) > 0 {
		n := min(len(ids), readChunk)
		list, args := storage.In(1, ids[:n])
		ids = ids[n:]
		if err := eachRow(r, do, `select id, sealed, erased from party_person where id in (`+list+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

func eachRow(r storage.Reader, do func(ID, []byte, bool) error, query string, args ...any) error {
	rows, err := r.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id ID
		var sealed sql.RawBytes // valid until Next, which is long enough to open it
		var erased int64
		if err := rows.Scan(&id, &sealed, &erased); err != nil {
			return err
		}
		if err := do(id, sealed, erased != 0); err != nil {
			return err
		}
	}
	return rows.Err()
}

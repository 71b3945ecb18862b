package party

import (
	"database/sql"

	"breakwater/internal/storage"
)

// FindNumber returns the person with exactly this ID number, however it is
// spaced or cased.
func (s *Store) FindNumber(r storage.Reader, kind, number string) (ID, bool, error) {
	if number = plainNumber(number); number == "" {
		return "", false, nil
	}
	ids, err := find(r, `select id from party_person where number_hash = $1`, s.numberHash(kind, number))
	if err != nil || len(ids) == 0 {
		return "", false, err
	}
	return ids[0], true, nil
}

// FindPhone returns the people with exactly this phone, oldest first: a family
// may share one.
func (s *Store) FindPhone(r storage.Reader, phone string) ([]ID, error) {
	phone, err := plainPhone(phone)
	if err != nil {
		return nil, nil // no phone at all, so nobody's
	}
	return find(r, everyRun+`p.phone_hash = $1 order by p.id`, s.phoneHash(phone))
}

// FindName returns the people with exactly this full name, oldest first. Width,
// case, spaces and the form of a middle dot do not matter.
func (s *Store) FindName(r storage.Reader, fullName string) ([]ID, error) {
	return find(r, everyRun+`p.name_hash = $1 order by p.id`, s.nameHash(fullName))
}

// everyRun steps from run to run by the index and looks into each; see the
// schema on why there are runs.
const everyRun = `with recursive every (run) as (
select min(run) from party_person
union all
select (select min(p.run) from party_person p where p.run > every.run) from every where every.run is not null
) select p.id from every join party_person p on p.run = every.run and `

func find(r storage.Reader, query string, hash []byte) ([]ID, error) {
	if hash == nil {
		return nil, nil
	}
	return storage.All(r, func(rows *sql.Rows) (id ID, err error) { return id, rows.Scan(&id) }, query, hash)
}

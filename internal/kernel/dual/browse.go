package dual

import (
	"encoding/json"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/storage"
)

const actColumns = `id, kind, subject, person, chain, content, state, proposer, proposer_person, proposer_name, second, second_name, proposed, expires, ended`

func (s *Store) scan(row interface{ Scan(...any) error }) (Act, error) {
	var a Act
	var chain string
	var sealed []byte
	var proposed, expires, end int64
	err := row.Scan(&a.ID, &a.Kind, &a.Subject, &a.Person, &chain, &sealed, &a.State, &a.Proposer, &a.person, &a.ProposerName,
		&a.Second, &a.SecondName, &proposed, &expires, &end)
	if err != nil {
		return Act{}, err
	}
	a.Proposed, a.Expires = clock.FromMicros(proposed), clock.FromMicros(expires)
	if end != 0 {
		a.Ended = clock.FromMicros(end)
	}
	if a.State == Proposed && !a.Expires.After(s.Now()) {
		a.State, a.Ended = Expired, a.Expires // before anybody has swept
	}
	if err := json.Unmarshal([]byte(chain), &a.Scope); err != nil {
		return Act{}, err
	}
	if len(sealed) == 0 {
		return a, nil // forgotten
	}
	plain, err := s.Ring.Open(sealed, []byte(a.ID))
	if err != nil {
		return Act{}, err
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Act{}, err
	}
	a.Body, a.Reason, a.Answer = c.Body, c.Reason, c.Answer
	return a, nil
}

// Get returns one act, for whoever may answer acts of its kind there.
//
// Faults: NotFound, also for one out of reach.
func (s *Store) Get(r storage.Reader, by auth.Principal, id string) (Act, error) {
	a, err := s.scan(r.Row(`select `+actColumns+` from dual_act where id = $1`, id))
	if storage.NoRows(err) {
		return Act{}, unknown()
	}
	if err != nil {
		return Act{}, err
	}
	if _, known := s.kinds[a.Kind]; !known || s.permit(by, a.Kind, a.Scope) != nil {
		return Act{}, unknown()
	}
	return a, nil
}

func unknown() error { return fault.New(fault.NotFound, "dual.unknown") }

// Standing is the act of a kind that waits for a subject, if one does. It is for
// the service that asked; it permits nobody.
func (s *Store) Standing(r storage.Reader, kind, subject string) (a Act, found bool, err error) {
	a, err = s.scan(r.Row(`select `+actColumns+` from dual_act where kind = $1 and subject = $2 and standing = ''`, kind, subject))
	if storage.NoRows(err) {
		return Act{}, false, nil
	}
	return a, err == nil && a.State == Proposed, err
}

// Filter narrows a list of acts; its zero value is everything that waits.
type Filter struct {
	Kinds []string // none: every kind
	State string   // "": Proposed
	After string   // id of the last one seen
	Limit int      // 1 to 100; 0 is 50
}

// lookMost is how many acts a page looks at for those in reach.
const lookMost = 2000

// Pending lists acts that by may answer or has asked for, oldest first; next is
// where to go on, "" at the end.
//
// Faults: Denied for who may answer nothing.
func (s *Store) Pending(r storage.Reader, by auth.Principal, f Filter) (list []Act, next string, err error) {
	if err := by.Permit(MaySecond, Grants(), by.Scope); err != nil {
		return nil, "", err
	}
	if f.State == "" {
		f.State = Proposed
	}
	if f.Limit < 1 || f.Limit > 100 {
		f.Limit = 50
	}
	for looked := 0; looked < lookMost; {
		page, err := storage.All(r, func(rows *storage.Rows) (Act, error) { return s.scan(rows) },
			`select `+actColumns+` from dual_act where state = $1 and id > $2 order by id limit 100`, f.State, f.After)
		if err != nil {
			return nil, "", err
		}
		looked += len(page)
		for _, a := range page {
			f.After = a.ID
			if a.State == f.State && f.wants(a.Kind) && s.kinds[a.Kind].Name != "" && s.permit(by, a.Kind, a.Scope) == nil {
				if list = append(list, a); len(list) == f.Limit {
					return list, a.ID, nil
				}
			}
		}
		if len(page) < 100 {
			return list, "", nil
		}
	}
	return list, f.After, nil
}

func (f Filter) wants(kind string) bool {
	if len(f.Kinds) == 0 {
		return true
	}
	for _, k := range f.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// MaySecond is the permission to look at what waits for a second person. Each
// kind's own permission decides what is shown and may be answered.
const MaySecond auth.Permission = "dual.second"

// Grants says who has it.
func Grants() auth.Grants {
	return auth.Grants{MaySecond: {auth.Officer, auth.SecondOfficer}}
}

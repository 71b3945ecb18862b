package party

import (
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Organisation is a firm or an institution. All of it is public but Phone,
// which is given when the organisation is added and never comes back from a
// read; see Contact.
type Organisation struct {
	ID         ID
	CreditCode string // GB 32100, 18 characters
	Name       string
	Place      string // place id of its park, "" if it stands in none
	Street     string // street address in words
	Industry   string // class by GB/T 4754 or in words
	Phone      string // write only; any form, land lines too
	At         time.Time
}

// AddOrganisation adds an organisation, or returns the one with the credit
// code, unchanged.
//
// Invalid "party.organisation_invalid".
func (s *Store) AddOrganisation(tx *storage.Tx, o Organisation, now time.Time) (_ Organisation, created bool, err error) {
	if o, err = o.mended(); err != nil {
		return Organisation{}, false, err
	}
	o.ID, o.At = ident.New("fir", now), now.UTC().Truncate(time.Microsecond)
	phone, err := s.sealPhone(o.ID, o.Phone)
	if err != nil {
		return Organisation{}, false, err
	}
	n, err := tx.Exec(`insert into party_organisation (id, credit_code, name, place, street, industry, sealed_phone, created, updated)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict (credit_code) do nothing`,
		o.ID, o.CreditCode, o.Name, o.Place, o.Street, o.Industry, phone, clock.Micros(now))
	if err != nil {
		return Organisation{}, false, err
	}
	if n == 1 {
		o.Phone = ""
		return o, true, nil
	}
	o, _, err = s.FindCode(tx, o.CreditCode)
	return o, false, err
}

// UpdateOrganisation changes all of an organisation but its id, credit code
// and time; an empty Phone leaves the phone as it was. The caller records the fact.
//
// NotFound: there is none with o.ID. Invalid "party.organisation_invalid".
func (s *Store) UpdateOrganisation(tx *storage.Tx, o Organisation, now time.Time) error {
	was, err := s.Organisation(tx, o.ID)
	if err != nil {
		return err
	}
	o.CreditCode = was.CreditCode
	if o, err = o.mended(); err != nil {
		return err
	}
	if _, err = tx.Exec(`update party_organisation set name = $1, place = $2, street = $3, industry = $4, updated = $5 where id = $6`,
		o.Name, o.Place, o.Street, o.Industry, clock.Micros(now), o.ID); err != nil || o.Phone == "" {
		return err
	}
	phone, err := s.sealPhone(o.ID, o.Phone)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update party_organisation set sealed_phone = $1 where id = $2`, phone, o.ID)
	return err
}

// Contact opens an organisation's phone, "" if none is known: for sending to,
// or for an officer whose reading of it the caller records.
//
// NotFound: there is no such organisation.
func (s *Store) Contact(r storage.Reader, id ID) (phone string, err error) {
	var sealed []byte
	err = r.Row(`select sealed_phone from party_organisation where id = $1`, id).Scan(&sealed)
	if storage.NoRows(err) {
		return "", fault.New(fault.NotFound, "party.organisation_unknown")
	}
	if err != nil || len(sealed) == 0 {
		return "", err
	}
	plain, err := s.ring.Open(sealed, []byte(id))
	return string(plain), err
}

func (s *Store) sealPhone(id ID, phone string) ([]byte, error) {
	if phone == "" {
		return []byte{}, nil
	}
	return s.ring.Seal([]byte(phone), []byte(id))
}

func (o Organisation) mended() (Organisation, error) {
	f := fault.New(fault.Invalid, "party.organisation_invalid")
	code, err := ident.CreditCode(o.CreditCode)
	if err != nil {
		add(f, "credit_code", err)
	}
	o.CreditCode = code
	for _, v := range [...]struct {
		name string
		text *string
		max  int
	}{{"name", &o.Name, 100}, {"street", &o.Street, 200}, {"industry", &o.Industry, 60}, {"phone", &o.Phone, 40}} {
		*v.text = ident.Fold(*v.text)
		if utf8.RuneCountInString(*v.text) > v.max {
			f.With(v.name, "party.too_long", "max", v.max)
		}
	}
	if o.Name == "" {
		f.With("name", "party.name")
	}
	return o, f.OrNil()
}

const organisations = `select id, credit_code, name, place, street, industry, created from party_organisation `

func scanOrganisation(rows *sql.Rows) (o Organisation, err error) {
	var us int64
	err = rows.Scan(&o.ID, &o.CreditCode, &o.Name, &o.Place, &o.Street, &o.Industry, &us)
	o.At = clock.FromMicros(us)
	return o, err
}

// Organisation returns one organisation. NotFound: there is none with this id.
func (s *Store) Organisation(r storage.Reader, id ID) (Organisation, error) {
	found, err := storage.All(r, scanOrganisation, organisations+`where id = $1`, id)
	if err != nil {
		return Organisation{}, err
	}
	if len(found) == 0 {
		return Organisation{}, fault.New(fault.NotFound, "party.organisation_unknown")
	}
	return found[0], nil
}

// FindCode returns the organisation with this credit code.
func (s *Store) FindCode(r storage.Reader, code string) (Organisation, bool, error) {
	code, err := ident.CreditCode(code)
	if err != nil {
		return Organisation{}, false, nil // no code at all, so nobody's
	}
	found, err := storage.All(r, scanOrganisation, organisations+`where credit_code = $1`, code)
	if err != nil || len(found) == 0 {
		return Organisation{}, false, err
	}
	return found[0], true, nil
}

// Organisations returns those of ids that exist.
func (s *Store) Organisations(r storage.Reader, ids ...ID) (map[ID]Organisation, error) {
	out := make(map[ID]Organisation, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), readChunk)
		list, args := storage.In(1, ids[:n])
		ids = ids[n:]
		found, err := storage.All(r, scanOrganisation, organisations+`where id in (`+list+`)`, args...)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			out[o.ID] = o
		}
	}
	return out, nil
}

// InPlace returns up to limit organisations of a park, after the id given, in
// the order of their ids; place "" is those in none.
func (s *Store) InPlace(r storage.Reader, place string, after ID, limit int) ([]Organisation, error) {
	return storage.All(r, scanOrganisation, organisations+`where place = $1 and id > $2 order by id limit $3`, place, after, int64(limit))
}

// SearchOrganisations returns up to limit organisations whose name contains
// text, after the id given. It reads the whole table, which a district's
// 13,000 firms allow.
func (s *Store) SearchOrganisations(r storage.Reader, text string, after ID, limit int) ([]Organisation, error) {
	text = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text))
	return storage.All(r, scanOrganisation, organisations+`where id > $1 and lower(name) like $2 escape '!' order by id limit $3`, after, "%"+text+"%", int64(limit))
}

package party

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
)

// Sealed is a person ready to be stored: made outside the Write, so that the
// one writer spends no time on cryptography.
type Sealed struct {
	ID                  ID // the id the person gets if not known yet
	run                 int64
	number, phone, name []byte
	blob                []byte
}

// Prepare seals people and hashes what they are found by. A person without an
// ID gets one. It keeps the order and touches no database.
//
// Invalid "party.invalid" with fields "0.name", "3.id_number", … by position.
func (s *Store) Prepare(people []Person, now time.Time) ([]Sealed, error) {
	f := fault.New(fault.Invalid, "party.invalid")
	out := make([]Sealed, len(people))
	for i, p := range people {
		p.mend(f, strconv.Itoa(i)+".", now)
		if f.Fields != nil {
			continue // nothing will be returned: only the faults are still of interest
		}
		if p.ID == "" {
			p.ID = ident.New("per", now)
		}
		var err error
		if out[i], err = s.seal(p); err != nil {
			return nil, err
		}
		out[i].run = s.runs.next(now)
	}
	if err := f.OrNil(); err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Store) seal(p Person) (Sealed, error) {
	blob, err := s.ring.Seal(p.pack(), []byte(p.ID))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal person: %w", err)
	}
	return Sealed{
		ID:     p.ID,
		number: s.numberHash(p.IDKind, p.IDNumber),
		phone:  s.phoneHash(p.Phone),
		name:   s.nameHash(p.Name),
		blob:   blob,
	}, nil
}

func (s *Store) open(id ID, sealed []byte) (Person, error) {
	plain, err := s.ring.Open(sealed, []byte(id))
	if err != nil {
		return Person{}, fmt.Errorf("open person %s: %w", id, err)
	}
	p, err := unpack(plain)
	p.ID = id
	if err != nil {
		return Person{}, fmt.Errorf("open person %s: %w", id, err)
	}
	return p, nil
}

// numberHash takes a number in its one spelling.
func (s *Store) numberHash(kind, number string) []byte { return s.ring.Hash("id:"+kind, number) }

// phoneHash and nameHash are nil where there is nothing to find by.
func (s *Store) phoneHash(phone string) []byte {
	if phone == "" {
		return nil
	}
	return s.ring.Hash("phone", phone)
}

func (s *Store) nameHash(name string) []byte {
	if name = likeness(name); name == "" {
		return nil
	}
	return s.ring.Hash("name", name)
}

// packed is the first byte of a sealed person's plain text: the layout below.
const packed = 1

// pack lays the particulars end to end, each preceded by its length. New
// fields go to the end: an older blob reads as if they were empty. It is not
// JSON because a scope of 140,000 people is opened in one go.
func (p Person) pack() []byte {
	b := make([]byte, 1, 96)
	b[0] = packed
	for _, v := range [...]string{p.Name, p.IDKind, p.IDNumber, p.Phone, p.Address, p.Native} {
		b = binary.AppendUvarint(b, uint64(len(v)))
		b = append(b, v...)
	}
	return b
}

var errLayout = errors.New("the opened bytes are no person")

func unpack(plain []byte) (p Person, err error) {
	if len(plain) == 0 || plain[0] != packed {
		return p, errLayout
	}
	all := string(plain) // one allocation; the fields are parts of it
	at := 1
	for _, f := range [...]*string{&p.Name, &p.IDKind, &p.IDNumber, &p.Phone, &p.Address, &p.Native} {
		if at == len(all) {
			break
		}
		n, w := binary.Uvarint(plain[at:])
		if w <= 0 || n > uint64(len(all)-at-w) {
			return Person{}, errLayout
		}
		*f = all[at+w : at+w+int(n)]
		at += w + int(n)
	}
	return p, nil
}

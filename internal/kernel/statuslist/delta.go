package statuslist

import (
	"bytes"
	"errors"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/credential"
)

// maxChanges bounds a delta; beyond it the list itself is the shorter answer.
const maxChanges = 4096

// Delta is what turns one version of a list into a later one. It carries the later
// one's times, so that a list without changes is freshened by an empty delta.
type Delta struct {
	Subject         string
	Base, Target    Digest
	Issued, Expires time.Time
	Changes         map[int64]State // by place
}

// step is a delta's CWT; its own claim has a number of private use.
type step struct {
	Subject string `cbor:"2,keyasint"`
	Expires int64  `cbor:"4,keyasint"`
	Issued  int64  `cbor:"6,keyasint"`
	Step    struct {
		Base    []byte           `cbor:"1,keyasint"`
		Target  []byte           `cbor:"2,keyasint"`
		Changes map[uint64]uint8 `cbor:"3,keyasint"`
	} `cbor:"-65538,keyasint"`
}

func (d *Delta) encode() ([]byte, error) {
	s := step{Subject: d.Subject, Issued: d.Issued.Unix(), Expires: d.Expires.Unix()}
	s.Step.Base, s.Step.Target = d.Base[:], d.Target[:]
	s.Step.Changes = make(map[uint64]uint8, len(d.Changes))
	for i, state := range d.Changes {
		s.Step.Changes[uint64(i)] = uint8(state)
	}
	return encoding.Marshal(s)
}

// OpenDelta reads a delta that a trusted key signed.
//
// Faults: Invalid "credential.token", "statuslist.unreadable".
func OpenDelta(data []byte, trust *credential.Trust, at time.Time) (*Delta, error) {
	payload, err := credential.OpenToken(data, TypeDelta, trust, at)
	if err != nil {
		return nil, err
	}
	d, err := readDelta(payload)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "statuslist.unreadable")
	}
	return d, nil
}

func readDelta(payload []byte) (*Delta, error) {
	var s step
	if err := decoding.Unmarshal(payload, &s); err != nil {
		return nil, err
	}
	if len(s.Step.Base) != len(Digest{}) || len(s.Step.Target) != len(Digest{}) || len(s.Step.Changes) > maxChanges || s.Subject == "" {
		return nil, errClaims
	}
	d := &Delta{Subject: s.Subject, Base: Digest(s.Step.Base), Target: Digest(s.Step.Target), Changes: make(map[int64]State, len(s.Step.Changes))}
	var err1, err2 error
	d.Issued, err1 = second(s.Issued)
	d.Expires, err2 = second(s.Expires)
	for i, state := range s.Step.Changes {
		if i >= Size || state > uint8(Suspended) {
			return nil, errClaims
		}
		d.Changes[int64(i)] = State(state)
	}
	return d, errors.Join(err1, err2)
}

// Apply returns the list with a delta's changes. A delta of another list or
// version, or one that does not lead where it says, is refused; the holder then
// fetches the list anew.
//
// Faults: Conflict "statuslist.other_base"; Invalid "statuslist.delta_false".
func (t *Token) Apply(d *Delta) (*Token, error) {
	if t.Subject != d.Subject || t.Digest() != d.Base || t.list.bits != Bits || d.Issued.Before(t.Issued) {
		return nil, fault.New(fault.Conflict, "statuslist.other_base")
	}
	for i := range d.Changes {
		if _, ok := t.list.status(uint64(i)); !ok {
			return nil, fault.New(fault.Invalid, "statuslist.delta_false")
		}
	}
	next := *t
	next.list, next.Issued, next.Expires = t.list.with(d.Changes), d.Issued, d.Expires
	if digest := next.Digest(); !bytes.Equal(digest[:], d.Target[:]) {
		return nil, fault.New(fault.Invalid, "statuslist.delta_false")
	}
	return &next, nil
}

// Package keys is where a district sees the keys that sign its codes and lets a new
// one follow: the verb, the officers' page, and the public trust list by which
// others check our codes without asking us.
//
// A new key is listed before it signs, so that whoever fetches the list daily knows
// it in time; what the old one signed holds until it has run out. Two officers turn
// a key; the machine's operator can alone, on the machine itself.
//
// It refuses to show or hand out a private half, to bring back a key that was
// revoked, and to turn the keys that seal and hash (see package keyring).
package keys

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/credential"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/keyring"
	"breakwater/internal/storage"
)

// MayTurn is the permission to ask for a new key and to say yes to one.
const MayTurn auth.Permission = "keys.turn"

// Grants says who has it; the scope must be the whole district's.
func Grants() auth.Grants { return auth.Grants{MayTurn: {auth.Officer, auth.SecondOfficer}} }

// Act is the act that two people do.
const Act = "keys.turn"

// Kind declares it.
func Kind() dual.Kind { return dual.Kind{Name: Act, May: MayTurn, Grants: Grants()} }

// Turned is the fact that a key follows another; its stream is "key:" and the id.
const Turned = "keys.turned"

// Overlap is how long a new key is listed before it signs, if nobody says
// otherwise; longest is the most.
const (
	Overlap = 24 * time.Hour
	longest = 30 * 24 * time.Hour
)

// Deps is what the verb and the pages stand on.
type Deps struct {
	DB        storage.Store
	Ring      *keyring.Ring
	Log       *eventlog.Log
	Acts      *dual.Store
	Now       clock.Clock
	District  string        // place id of the root
	Issuer    string        // the district's name
	Algorithm string        // of new keys, if nobody says otherwise
	Life      time.Duration // the longest that anything signed lives
	// After is told when the ring has changed: to trust the new key and no longer a
	// lost one, to sign lists anew, and after a loss everything else too. What of it
	// fails it has to do again by itself.
	After func(ctx context.Context, lost bool) error
}

// Keys is the verb and the pages.
type Keys struct{ Deps }

// New returns them.
func New(d Deps) *Keys { return &Keys{d} }

// The causes of a turn.
const (
	Planned = "planned" // as every year: old codes go on holding
	Lost    = "lost"    // strange hands may sign: old keys end now, with all they signed
)

// TurnInput asks for a new key.
type TurnInput struct {
	Cause     string `form:"cause" json:"cause" max:"20" enum:"planned,lost"`
	Algorithm string `form:"algorithm" json:"algorithm,omitempty" max:"20" enum:"ES256,SM2" doc:"How the new key signs; the district's own way, if absent."`
	Hours     int64  `form:"hours" json:"hours,omitempty" doc:"How long it is listed before it signs, 1 to 720; 24, if absent. A lost key is followed at once."`
	Reason    string `form:"reason" json:"reason" max:"500" maxLength:"500"`
}

// turn is what waits for the second officer, and the body of the fact.
type turn struct {
	Cause     string    `json:"cause"`
	Algorithm string    `json:"algorithm"`
	Hours     int64     `json:"hours"`
	Reason    string    `json:"reason,omitempty"` // in the fact
	KID       string    `json:"kid,omitempty"`
	From      time.Time `json:"from,omitzero"`
	Until     time.Time `json:"until,omitzero"` // of the key before
}

func (k *Keys) check(in TurnInput) (turn, error) {
	t := turn{Cause: in.Cause, Algorithm: in.Algorithm, Hours: in.Hours}
	bad := fault.New(fault.Invalid, "fault.fields")
	if t.Cause != Planned && t.Cause != Lost {
		bad.With("cause", "keys.cause_unknown")
	}
	if t.Algorithm == "" {
		t.Algorithm = k.Algorithm
	}
	if t.Algorithm != keyring.ES256 && t.Algorithm != keyring.SM2 {
		bad.With("algorithm", "keyring.algorithm", "algorithm", t.Algorithm)
	}
	if t.Hours == 0 {
		t.Hours = int64(Overlap / time.Hour)
	}
	if t.Hours < 1 || t.Hours > int64(longest/time.Hour) {
		bad.With("hours", "keys.hours", "most", int64(longest/time.Hour))
	}
	return t, bad.OrNil()
}

// free says whether a key may follow now. It is asked before anything is recorded.
func (k *Keys) free(t turn) error {
	for _, key := range k.Ring.PublicKeys(k.Now()) {
		if key.State == keyring.Next && t.Cause != Lost {
			return fault.New(fault.Conflict, "keyring.turning", "kid", hex.EncodeToString(key.Kid))
		}
	}
	return nil
}

// Ask asks for a new key; a second officer confirms it.
//
// Faults: Invalid, Denied; Conflict "keyring.turning", "dual.waiting".
func (k *Keys) Ask(ctx context.Context, by auth.Principal, in TurnInput, key once.Key) (id string, err error) {
	scope := auth.District(k.District)
	if err := by.Permit(MayTurn, Grants(), scope); err != nil {
		return "", err
	}
	t, err := k.check(in)
	if err != nil {
		return "", err
	}
	if err := k.free(t); err != nil {
		return "", err
	}
	err = k.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		id, err = once.Do(tx, key, k.Now(), func() (string, error) {
			a, err := k.Acts.Propose(tx, by, dual.Proposal{Kind: Act, Subject: keyring.Credential, Scope: []auth.Scope{scope}, Body: t, Reason: in.Reason})
			return a.ID, err
		})
		return err
	})
	return id, err
}

// Confirm is the second officer's yes: the key is made and takes its place.
//
// Faults: as dual.Store.Confirm, NotFound "dual.unknown" for an act of another kind
// too; Conflict "keyring.turning"; Unavailable "keys.unwritten" and "keys.unfinished",
// see carryOut.
func (k *Keys) Confirm(ctx context.Context, by auth.Principal, act string, key once.Key) error {
	var t turn
	if err := k.DB.Read(ctx, func(r storage.Reader) error {
		a, err := k.Acts.Get(r, by, act)
		if err == nil && a.Kind != Act {
			err = fault.New(fault.NotFound, "dual.unknown")
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(a.Body, &t)
	}); err != nil {
		return err
	}
	if err := k.free(t); err != nil {
		return err
	}
	return k.carryOut(ctx, t, func(tx *storage.Tx, record func(reason string) error) (string, error) {
		return once.Do(tx, key, k.Now(), func() (string, error) {
			a, err := k.Acts.Confirm(tx, by, Act, act, func(a dual.Act) error { return record(a.Reason) })
			return a.ID, err
		})
	}, by)
}

// Turn lets the operator do it alone, on the machine itself: a lost key cannot wait
// for two people to wake up.
//
// Faults: Invalid, Denied; Conflict "keyring.turning"; Unavailable "keys.unwritten" and
// "keys.unfinished", see carryOut.
func (k *Keys) Turn(ctx context.Context, by auth.Principal, in TurnInput) (kid string, err error) {
	if by.Role != auth.System {
		return "", fault.New(fault.Denied, "fault.denied")
	}
	t, err := k.check(in)
	if err != nil {
		return "", err
	}
	if !ident.Reasoned(in.Reason, 2, 500) {
		return "", fault.New(fault.Invalid, "fault.fields").With("reason", "dual.reason_length", "least", 2, "most", 500)
	}
	if err := k.free(t); err != nil {
		return "", err
	}
	err = k.carryOut(ctx, t, func(_ *storage.Tx, record func(string) error) (string, error) { return "", record(in.Reason) }, by)
	for _, key := range k.Ring.PublicKeys(k.Now()) {
		kid = hex.EncodeToString(key.Kid) // the last one
	}
	return kid, err
}

// carryOut makes the key, lets decide record the fact in its transaction, and puts
// the key into the ring once that is durable: a key without its fact never signs. A
// fact whose key is not listed is a turn that failed at the file. How far it came is
// said as it is: with the disk full nothing is changed, else the log knows of it
// ("keys.unwritten"), else the key has turned and the lists follow ("keys.unfinished").
func (k *Keys) carryOut(ctx context.Context, t turn, decide func(tx *storage.Tx, record func(reason string) error) (string, error), by auth.Principal) error {
	fresh, err := keyring.NewSigner(keyring.Credential, t.Algorithm)
	if err != nil {
		return err
	}
	now := k.Now().UTC().Truncate(time.Second)
	t.KID, t.From = hex.EncodeToString(fresh.Kid), now
	if t.Cause == Planned {
		t.From = now.Add(time.Duration(t.Hours) * time.Hour)
		t.Until = t.From.Add(k.Life)
	}
	recorded := false
	if err := k.DB.Write(ctx, func(tx *storage.Tx) error {
		recorded = false
		_, err := decide(tx, func(reason string) error {
			recorded = true
			body := t
			body.Reason = reason
			_, err := k.Log.Append(tx, eventlog.Fact{Stream: "key:" + t.KID, Name: Turned, Actor: by.ID, At: now, Body: body})
			return err
		})
		return err
	}); err != nil || !recorded { // the same request again: it was done then
		return err
	}
	if err := k.Ring.Rotate(fresh, keyring.Turn{Now: now, From: t.From, Until: t.Until, Lost: t.Cause == Lost}); err != nil {
		if fault.KindOf(err) == fault.Conflict { // another turn came between
			return err
		}
		return fault.Wrap(err, fault.Unavailable, "keys.unwritten", "kid", t.KID)
	}
	if err := k.After(ctx, t.Cause == Lost); err != nil {
		return fault.Wrap(err, fault.Unavailable, "keys.unfinished", "kid", t.KID)
	}
	return nil
}

// List is the trust list as it stands now.
func (k *Keys) List() (credential.List, error) {
	l := credential.List{Issuer: k.Issuer, Issued: k.Now().UTC().Truncate(time.Second), Log: k.Ring.LogVerifierKey(k.Log.Origin())}
	for _, key := range k.Ring.PublicKeys(k.Now()) {
		if key.Purpose != keyring.Credential {
			continue
		}
		e, err := credential.NewListKey(key.Kid, key.Key, key.From, key.Until, key.State)
		if err != nil {
			return l, err
		}
		l.Keys = append(l.Keys, e)
	}
	return l, nil
}

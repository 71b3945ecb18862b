package party

import (
	"context"
	"unicode/utf8"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/storage"
)

// The facts this package records, on the stream "person:per_…".
const (
	Revealed = "party.revealed" // body RevealedBody, sealed with the person's key
	Erased   = "party.erased"   // ErasedBody
)

// RevealedBody is the body of a Revealed fact.
type RevealedBody struct {
	Reason string `json:"reason"`
	What   string `json:"what,omitempty"` // "" for name and numbers
}

// HealthSeen is What of a look at health reports. The look is recorded by who keeps
// them.
const HealthSeen = "health"

// Appealed is What of a helper's appeal in somebody's name, by which the helper learns
// that officers hold the code, and not why.
const Appealed = "appeal"

// VoucherSeen is What of a voucher opened at a counter: the name stays masked, but
// somebody knows that this person fetches something here.
const VoucherSeen = "voucher"

// AddressSeen is What of a name, a telephone and an address opened to send something to.
const AddressSeen = "address"

// The length of a reason in characters: 核对身份 is one, a mere "ok" is not.
const reasonMin, reasonMax = 4, 200

// Stream is the stream of facts about one person.
func Stream(id ID) string { return "person:" + id }

// Reveal opens one person for a human to read. The reason and who asked become
// a fact in the same transaction: nobody has looked unless it is recorded, and
// the particulars are returned only after that is durable. Whether actor may
// look is the caller's to permit first.
//
// Invalid "party.reason_invalid" with field reason. Unauthenticated: no actor.
// NotFound "party.unknown", "party.erased".
func (s *Store) Reveal(ctx context.Context, db storage.Store, log *eventlog.Log, actor string, id ID, reason string) (Person, error) {
	if actor == "" {
		return Person{}, fault.New(fault.Unauthenticated, "party.actor")
	}
	reason, err := plainReason(reason)
	if err != nil {
		return Person{}, err
	}
	var p Person
	err = db.Write(ctx, func(tx *storage.Tx) error {
		var err error
		if p, err = s.Get(tx, id); err != nil {
			return err
		}
		_, err = log.Append(tx, eventlog.Fact{
			Stream: Stream(id), Name: Revealed, Actor: actor, Subject: id, // the log's clock says when
			Body: RevealedBody{Reason: reason},
		})
		return err
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

func plainReason(reason string) (string, error) {
	reason = ident.Fold(reason)
	f := fault.New(fault.Invalid, "party.reason_invalid")
	switch {
	case utf8.RuneCountInString(reason) > reasonMax:
		f.With("reason", "party.reason_long", "max", reasonMax)
	case !ident.Reasoned(reason, reasonMin, reasonMax):
		f.With("reason", "party.reason", "min", reasonMin)
	}
	return reason, f.OrNil()
}

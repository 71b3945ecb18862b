package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Departure is the provider's word that somebody signed out there, or was stopped:
// what is signed in here by it ends. Session names one session of the provider's;
// where it is "", all of Subject's end.
type Departure struct {
	ID       string // never given twice (RFC 7519, 4.1.7)
	Identity        // Subject may be "" where Session is not
	Session  string
	Until    time.Time // from then on the same word is too old to be taken
}

// EndIdentitySessions ends the sessions that the provider says are over, at once, and
// says how many. Only those that began by the provider end: a password is not the
// provider's to take back. A word that is good and ends nothing is no fault.
//
// Faults: NotFound "auth.no_provider", TooMany for one who was refused too often,
// Denied as Identities has it and "auth.provider_again" for a word that was taken
// before, Unavailable "auth.provider_down".
func (s *Service) EndIdentitySessions(ctx context.Context, word string, from Client) (ended int, err error) {
	if s.identities == nil {
		return 0, fault.New(fault.NotFound, "auth.no_provider")
	}
	net := "ended:" + network(from.Addr)
	if err := tooMany(s.byNetwork.take(net)); err != nil {
		return 0, err
	}
	d, err := s.identities.Departed(ctx, word)
	if err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		ended = 0
		sum := sha256.Sum256([]byte(d.Issuer + "\x00" + d.ID))
		if err := spend(tx, ceremony{ID: "out_" + hex.EncodeToString(sum[:16]), Until: d.Until}, askAgain()); err != nil {
			return err
		}
		list, err := departing(tx, d)
		if err != nil {
			return err
		}
		for _, x := range list {
			n, err := tx.Exec(`delete from auth_session where id = $1`, x.session)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`delete from auth_provider_session where session = $1`, x.session); err != nil {
				return err
			}
			if n == 0 { // signed out here before
				continue
			}
			a, _, err := accountBy(tx, "id", x.account)
			if err != nil {
				return err
			}
			ended++
			tx.OnCommit(func() { s.cache.drop(x.session) })
			if err := s.recordAccount(tx, FactSignedOut, a.ID, a, AccountBody{Session: x.session, Issuer: d.Issuer, Reason: "provider"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.byNetwork.give(net)
	}
	return ended, err
}

// departed is one session that is over, and whose it is; account is "" where it is gone.
type departed struct{ session, account string }

func departing(r storage.Reader, d Departure) ([]departed, error) {
	where, args := `p.subject = $2`, []any{d.Issuer, d.Subject}
	switch {
	case d.Session != "" && d.Subject != "":
		where, args = `p.sid = $2 and p.subject = $3`, []any{d.Issuer, d.Session, d.Subject}
	case d.Session != "":
		where, args = `p.sid = $2`, []any{d.Issuer, d.Session}
	}
	return storage.All(r, func(rows *storage.Rows) (x departed, err error) { return x, rows.Scan(&x.session, &x.account) },
		`select p.session, coalesce(s.account, '') from auth_provider_session p left join auth_session s on s.id = p.session where p.issuer = $1 and `+where, args...)
}

// keepProvider notes by which session of the provider's one of ours began.
func keepProvider(tx *storage.Tx, b Session, who Identity, sid string) error {
	_, err := tx.Exec(`insert into auth_provider_session (session, issuer, subject, sid, expires) values ($1, $2, $3, $4, $5)`,
		b.ID, who.Issuer, who.Subject, sid, clock.Micros(b.Expires))
	return err
}

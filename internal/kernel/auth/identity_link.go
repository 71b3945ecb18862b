package auth

import (
	"context"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// identityLink is one row: an identity and the account it opens, or opened. Rows are never
// deleted: an identity by which somebody has come is one person's, and one person
// must not come to hold two accounts by taking the identity from one to the other.
type identityLink struct {
	account       string
	proven, ended bool
}

func linkBy(r storage.Reader, who Identity) (l identityLink, found bool, err error) {
	var proven, ended int64
	err = r.Row(`select account, proven, ended from auth_identity where issuer = $1 and subject = $2`, who.Issuer, who.Subject).Scan(&l.account, &proven, &ended)
	if storage.NoRows(err) {
		return l, false, nil
	}
	l.proven, l.ended = proven != 0, ended != 0
	return l, err == nil, err
}

// linkOf is the identity that opens an account now.
func linkOf(r storage.Reader, account string) (l Linked, found bool, err error) {
	var created, used int64
	err = r.Row(`select issuer, subject, created, used from auth_identity where account = $1 and ended = 0`, account).Scan(&l.Issuer, &l.Subject, &created, &used)
	if storage.NoRows(err) {
		return Linked{}, false, nil
	}
	l.Since = clock.FromMicros(created)
	if used != 0 {
		l.Used = clock.FromMicros(used)
	}
	return l, err == nil, err
}

// link lets an identity open an account. proven is whether the person stood there.
// Linking what is linked already does nothing.
//
// Faults: NotFound, Invalid "auth.identity_role"; Conflict "auth.identity_linked"
// when the account has another identity, "auth.identity_taken" when the identity
// opens another account, "auth.identity_one_person" when it did so before.
func (s *Service) link(tx *storage.Tx, actor, account string, who Identity, proven bool) error {
	a, found, err := accountBy(tx, "id", account)
	if err == nil && (!found || a.Disabled) {
		err = noAccount()
	}
	if err == nil && !a.Role.Office() {
		err = fault.New(fault.Invalid, "auth.invalid").With("login", "auth.identity_role")
	}
	if err != nil {
		return err
	}
	has, linked, err := linkOf(tx, a.ID)
	if err != nil || linked && has.Identity == who {
		return err
	}
	if linked {
		return linkedAlready(nil)
	}
	now := clock.Micros(s.now())
	n, err := tx.Exec(`insert into auth_identity (issuer, subject, account, proven, linked_by, created, used, ended)
		values ($1, $2, $3, $4, $5, $6, 0, 0) on conflict (issuer, subject) do nothing`, who.Issuer, who.Subject, a.ID, bit(proven), actor, now)
	if err != nil {
		return err
	}
	if n == 0 {
		if err := s.mayMove(tx, a.ID, who); err != nil {
			return err
		}
		if _, err := tx.Exec(`update auth_identity set account = $1, proven = case when account = $1 and proven = 1 then 1 else $2 end,
			linked_by = $3, created = $4, used = 0, ended = 0 where issuer = $5 and subject = $6`,
			a.ID, bit(proven), actor, now, who.Issuer, who.Subject); err != nil {
			return err
		}
	}
	return s.recordAccount(tx, FactIdentityLinked, actor, a, AccountBody{Issuer: who.Issuer, Subject: who.Subject})
}

// mayMove says why an identity that has a row cannot open another account. One by
// which somebody came is free only when the account it opened was stopped: that
// account acts no more, so nobody acts twice.
func (s *Service) mayMove(tx *storage.Tx, to string, who Identity) error {
	l, _, err := linkBy(tx, who)
	switch {
	case err != nil || l.account == to:
		return err
	case !l.ended:
		return fault.New(fault.Conflict, "auth.identity_taken")
	case !l.proven:
		return nil
	}
	before, found, err := accountBy(tx, "id", l.account)
	if err == nil && found && !before.Disabled {
		err = fault.New(fault.Conflict, "auth.identity_one_person")
	}
	return err
}

// UnlinkIdentity ends the link of by's own account; password and passkeys open it as
// before. Sessions begun by it go on. Faults: Denied
// to a program, NotFound "auth.no_identity".
func (s *Service) UnlinkIdentity(ctx context.Context, by Principal) error {
	if by.Program() {
		return denied()
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", by.ID)
		if err == nil && !found {
			err = noAccount()
		}
		if err != nil {
			return err
		}
		return s.unlink(tx, by.ID, a, "", true)
	})
}

// UnbindIdentity ends the link of an account by the operator's act, and everything
// signed in as it: whoever came by it may not be its holder.
// Faults: Denied, NotFound, Invalid without a reason.
func (s *Service) UnbindIdentity(ctx context.Context, by Principal, login, reason string) error {
	if by.Role != System {
		return denied()
	}
	if reason = strings.TrimSpace(reason); !ident.Reasoned(reason, 2, 500) {
		return fault.New(fault.Invalid, "auth.invalid").With("reason", "auth.reason_needed")
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "login", normal(login))
		if err == nil && (!found || seated(normal(login))) {
			err = noAccount()
		}
		if err != nil {
			return err
		}
		if err := s.unlink(tx, by.ID, a, reason, true); err != nil {
			return err
		}
		if _, err := tx.Exec(`update auth_account set epoch = epoch + 1 where id = $1`, a.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(a.ID) })
		return nil
	})
}

// unlink ends an account's link, if it has one; must makes having none a fault.
func (s *Service) unlink(tx *storage.Tx, actor string, a Account, reason string, must bool) error {
	has, linked, err := linkOf(tx, a.ID)
	if err != nil {
		return err
	}
	if !linked {
		if must {
			return fault.New(fault.NotFound, "auth.no_identity")
		}
		return nil
	}
	if _, err := tx.Exec(`update auth_identity set ended = $1 where account = $2 and ended = 0`, clock.Micros(s.now()), a.ID); err != nil {
		return err
	}
	return s.recordAccount(tx, FactIdentityUnlinked, actor, a, AccountBody{Issuer: has.Issuer, Subject: has.Subject, Reason: reason})
}

package auth

import (
	"context"

	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// ChangePassword changes by's own password and ends every other session of the
// account; this one goes on. Faults: Invalid, TooMany, Busy.
func (s *Service) ChangePassword(ctx context.Context, by Principal, old, fresh string) error {
	a, err := s.Account(ctx, by, by.ID)
	if err != nil {
		return err
	}
	if a.password == "" {
		return fault.New(fault.Conflict, "auth.no_password")
	}
	key := "change:" + a.ID
	if err := tooMany(s.byChange.take(key)); err != nil {
		return err
	}
	right, err := s.passwords.verify(ctx, a.password, old)
	if err != nil || right {
		s.byChange.give(key)
	}
	if err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "auth.invalid")
	if !right {
		bad.With("old", "auth.password_wrong")
	}
	if code := goodPassword(fresh, a.Login); code != "" {
		bad.With("password", code, "least", passwordLeast)
	}
	if err := bad.OrNil(); err != nil {
		return err
	}
	hash, err := s.passwords.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update auth_account set password = $1, epoch = epoch + 1 where id = $2 and password = $3`, hash, a.ID, a.password)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "auth.changed_meanwhile")
		}
		if _, err := tx.Exec(`update auth_session set epoch = epoch + 1 where id = $1 and account = $2`, by.Session, a.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(a.ID) })
		return s.recordAccount(tx, FactPasswordChanged, by.ID, a, AccountBody{})
	})
}

// ResetPassword gives a staff account a password chosen for it, and ends
// whatever was signed in as it, its tokens too: who knew the old password may
// have made some. It is for the operator, and for an officer of
// the whole district; a firm's account is handed over by a claim instead, so
// that nobody in the office can step into a firm unseen.
// Faults: NotFound, Denied, Invalid, Busy.
func (s *Service) ResetPassword(ctx context.Context, by Principal, id, fresh string) error {
	a, err := s.Account(ctx, by, id)
	if err != nil {
		return err
	}
	if err := s.mayManage(ctx, by, a.Scope); err != nil {
		return err
	}
	staff := a.Role != Firm && !a.Role.Personal() && a.ID != by.ID
	if by.Role != System && (!staff || by.Scope.Kind != AtDistrict) {
		return denied()
	}
	if code := goodPassword(fresh, a.Login); code != "" {
		return fault.New(fault.Invalid, "auth.invalid").With("password", code, "least", passwordLeast)
	}
	hash, err := s.passwords.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`update auth_account set password = $1, epoch = epoch + 1 where id = $2`, hash, a.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_token where account = $1`, a.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_passkey where account = $1`, a.ID); err != nil {
			return err
		}
		if err := s.unlink(tx, by.ID, a, "reset", false); err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(a.ID) })
		return s.recordAccount(tx, FactPasswordChanged, by.ID, a, AccountBody{Reason: "reset"})
	})
}

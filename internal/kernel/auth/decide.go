package auth

import (
	"context"
	"database/sql"
	"strings"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

const claimColumns = `id, reference, firm, credit_code, firm_name, park, contact, password, state, reason, account, created, decided, decided_by`

func scanClaim(row scanner) (c Claim, err error) {
	var created, decided int64
	err = row.Scan(&c.ID, &c.Reference, &c.Firm, &c.CreditCode, &c.FirmName, &c.Park, &c.sealed, &c.password, &c.State, &c.Reason, &c.Account, &created, &decided, &c.DecidedBy)
	c.Created = clock.FromMicros(created)
	if decided != 0 {
		c.Decided = clock.FromMicros(decided)
	}
	return c, err
}

// newestClaim loads the newest claim by a column; none is a zero Claim.
func newestClaim(r storage.Reader, column, value string) (Claim, error) {
	c, err := scanClaim(r.Row(`select `+claimColumns+` from auth_claim where `+column+` = $1 order by id desc limit 1`, value))
	if storage.NoRows(err) {
		return Claim{}, nil
	}
	return c, err
}

// Claim returns one claim, masked. Faults: NotFound, also for one out of reach.
func (s *Service) Claim(ctx context.Context, by Principal, id string) (Claim, error) {
	var c Claim
	err := s.db.Read(ctx, func(r storage.Reader) (err error) {
		c, err = newestClaim(r, "id", id)
		return err
	})
	if err != nil {
		return Claim{}, err
	}
	if c.ID == "" || s.mayDecide(ctx, by, c) != nil {
		return Claim{}, fault.New(fault.NotFound, "auth.no_claim")
	}
	return c, s.mask(&c)
}

// Claims lists claims in a state by id after another, oldest first, those in
// reach of by. A page may be short; it is the last when next is "".
func (s *Service) Claims(ctx context.Context, by Principal, state, after string, limit int) (list []Claim, next string, err error) {
	if err := by.Permit(DecideClaims, Permits(), by.Scope); err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), 100)
	var page []Claim
	err = s.db.Read(ctx, func(r storage.Reader) (err error) {
		page, err = storage.All(r, func(rows *sql.Rows) (Claim, error) { return scanClaim(rows) },
			`select `+claimColumns+` from auth_claim where state = $1 and id > $2 order by id limit $3`, state, after, limit)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) == limit {
		next = page[limit-1].ID
	}
	for _, c := range page {
		if s.mayDecide(ctx, by, c) != nil {
			continue
		}
		if err := s.mask(&c); err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
	return list, next, nil
}

// mayDecide permits deciding a claim: where the firm is, or, for a firm the
// district does not know yet, anywhere in the district.
func (s *Service) mayDecide(ctx context.Context, by Principal, c Claim) error {
	if c.Firm == "" {
		if by.Scope.Kind == AtDistrict {
			return by.Permit(DecideClaims, Permits(), by.Scope)
		}
		return by.Permit(DecideClaims, Permits())
	}
	if by.Zero() || by.Role == System {
		return by.Permit(DecideClaims, Permits())
	}
	chain, err := s.chain(ctx, OfFirm(c.Firm))
	if err != nil {
		return err
	}
	return by.Permit(DecideClaims, Permits(), chain...)
}

// ReleaseClaim gives the claimant the firm's account: its user name is the
// credit code. A firm the district did not know is registered, and one that lies in
// no park yet is put into the park the claim names.
// Faults: NotFound; Conflict "auth.claim_decided" or "auth.firm_has_account".
func (s *Service) ReleaseClaim(ctx context.Context, by Principal, id string) (Account, error) {
	return s.release(ctx, by, id, false)
}

// HandOver releases a claim to a firm that has an account, for an office that
// lost its password: the account takes the claim's password, and whoever was
// signed in to it is out. Faults as ReleaseClaim.
func (s *Service) HandOver(ctx context.Context, by Principal, id string) (Account, error) {
	return s.release(ctx, by, id, true)
}

func (s *Service) release(ctx context.Context, by Principal, id string, replace bool) (Account, error) {
	if _, err := s.Claim(ctx, by, id); err != nil {
		return Account{}, err
	}
	var a Account
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		now := s.now()
		c, err := newestClaim(tx, "id", id)
		if err != nil {
			return err
		}
		if c.State != Waiting {
			return fault.New(fault.Conflict, "auth.claim_decided")
		}
		park := c.Park
		if park == NoPark {
			park = ""
		}
		if c.Firm == "" || park != "" {
			firm, err := s.firms.Register(tx, c.CreditCode, c.FirmName, park, now)
			if err != nil {
				return err
			}
			c.Firm, c.FirmName = firm.ID, firm.Name
		}
		a = Account{
			ID: ident.New("acc", now), Login: normal(c.CreditCode), Role: Firm, Scope: OfFirm(c.Firm),
			Name: c.FirmName, Created: now, password: c.password,
		}
		added, err := insertAccount(tx, a, now)
		switch {
		case err != nil:
			return err
		case added:
			err = s.recordAccount(tx, FactAccountAdded, by.ID, a, AccountBody{Login: a.Login, Role: a.Role, Scope: a.Scope})
		case replace:
			a, err = s.replacePassword(tx, by, a.Login, c.password)
		default:
			err = fault.New(fault.Conflict, "auth.firm_has_account")
		}
		if err != nil {
			return err
		}
		// The account keeps the password now; the claim needs it no more.
		_, err = tx.Exec(`update auth_claim set state = 'released', firm = $1, account = $2, password = '', decided = $3, decided_by = $4 where id = $5`,
			c.Firm, a.ID, clock.Micros(now), by.ID, id)
		if err != nil {
			return err
		}
		return s.recordClaim(tx, FactClaimReleased, by.ID, c, ClaimBody{Account: a.ID})
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

func (s *Service) replacePassword(tx *storage.Tx, by Principal, login, hash string) (Account, error) {
	a, _, err := accountBy(tx, "login", login)
	if err != nil {
		return Account{}, err
	}
	if _, err := tx.Exec(`update auth_account set password = $1, epoch = epoch + 1 where id = $2`, hash, a.ID); err != nil {
		return Account{}, err
	}
	// Whoever had the account before must not go on by a program's token.
	if _, err := tx.Exec(`delete from auth_token where account = $1`, a.ID); err != nil {
		return Account{}, err
	}
	if _, err := tx.Exec(`delete from auth_passkey where account = $1`, a.ID); err != nil {
		return Account{}, err
	}
	tx.OnCommit(func() { s.cache.dropAccount(a.ID) })
	return a, s.recordAccount(tx, FactPasswordChanged, by.ID, a, AccountBody{Reason: "handed over"})
}

// RefuseClaim turns a claim down; the claimant reads the reason when signing in
// with the claim's reference. Faults: NotFound, Invalid without a reason,
// Conflict "auth.claim_decided".
func (s *Service) RefuseClaim(ctx context.Context, by Principal, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if !ident.Reasoned(reason, 2, 500) {
		return fault.New(fault.Invalid, "auth.invalid").With("reason", "auth.reason_needed")
	}
	c, err := s.Claim(ctx, by, id)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update auth_claim set state = 'refused', reason = $1, decided = $2, decided_by = $3 where id = $4 and state = 'waiting'`,
			reason, clock.Micros(s.now()), by.ID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "auth.claim_decided")
		}
		return s.recordClaim(tx, FactClaimRefused, by.ID, c, ClaimBody{Reason: reason})
	})
}

// RevealContact opens who filed a claim and the phone to call. The reason is
// kept as a fact. Faults: NotFound, Invalid without a reason.
func (s *Service) RevealContact(ctx context.Context, by Principal, id, reason string) (name, phone string, err error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return "", "", fault.New(fault.Invalid, "auth.invalid").With("reason", "auth.reason_needed")
	}
	c, err := s.Claim(ctx, by, id)
	if err != nil {
		return "", "", err
	}
	open, err := s.contact(c)
	if err != nil {
		return "", "", err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		return s.recordClaim(tx, FactContactRevealed, by.ID, c, ClaimBody{Reason: reason})
	})
	if err != nil {
		return "", "", err
	}
	return open.Name, open.Phone, nil
}

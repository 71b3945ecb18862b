package auth

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Token is a program's way in: it acts as its account, with the account's role
// and scope, until it expires or is revoked.
type Token struct {
	ID      string
	Label   string
	Created time.Time
	Expires time.Time // zero: never
}

// CreateToken makes a token of an account and returns its text, which is shown
// once and kept nowhere. by is the account itself or the machine's operator: an
// officer who could make tokens for others could act as them. A token makes no
// further tokens, or one that leaked would outlive its revocation.
// Faults: NotFound, Invalid, Denied "auth.token_by_token".
func (s *Service) CreateToken(ctx context.Context, by Principal, account, label string, expires time.Time) (string, error) {
	label = strings.TrimSpace(label)
	if n := len([]rune(label)); n == 0 || n > 60 {
		return "", fault.New(fault.Invalid, "auth.invalid").With("label", "auth.label_needed")
	}
	if !expires.IsZero() && !expires.After(s.now()) {
		return "", fault.New(fault.Invalid, "auth.invalid").With("expires", "auth.expires_past")
	}
	if account != by.ID && by.Role != System {
		return "", noAccount()
	}
	if by.Program() {
		return "", fault.New(fault.Denied, "auth.token_by_token")
	}
	var text string
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", account)
		if err == nil && (!found || a.Disabled) {
			err = noAccount()
		}
		if err != nil {
			return err
		}
		text, err = s.addToken(tx, by, a, label, expires)
		return err
	})
	if err != nil {
		return "", err
	}
	return text, nil
}

func (s *Service) addToken(tx *storage.Tx, by Principal, a Account, label string, expires time.Time) (string, error) {
	now := s.now()
	id := ident.New("bwt", now)
	text, sum := newSecret(id)
	var until int64
	if !expires.IsZero() {
		until = clock.Micros(expires)
	}
	p, err := s.principal(tx, a, id, by.Demo)
	if err != nil {
		return "", err
	}
	// Whoever makes a hundred thousand tokens is about to use them.
	k := &known{secret: sum, principal: p, seen: now, expires: expires, loaded: now}
	turn := s.cache.current()
	tx.OnCommit(func() { s.cache.put(id, k, turn) })
	_, err = tx.Exec(`insert into auth_token (id, account, secret, label, demo, created, expires) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, a.ID, sum[:], label, bit(by.Demo), clock.Micros(now), until)
	if err != nil {
		return "", err
	}
	return text, s.recordAccount(tx, FactTokenCreated, by.ID, a, AccountBody{Token: id, Label: label})
}

// Tokens lists by's own tokens, newest first.
func (s *Service) Tokens(ctx context.Context, by Principal) ([]Token, error) {
	var list []Token
	err := s.db.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, func(rows *sql.Rows) (t Token, err error) {
			var created, expires int64
			err = rows.Scan(&t.ID, &t.Label, &created, &expires)
			if t.Created = clock.FromMicros(created); expires != 0 {
				t.Expires = clock.FromMicros(expires)
			}
			return t, err
		}, `select id, label, created, expires from auth_token where account = $1 and (expires = 0 or expires > $2) order by id desc limit 100`, by.ID, clock.Micros(s.now()))
		return err
	})
	return list, err
}

// RevokeToken ends one of by's own tokens, at once. Faults: NotFound.
func (s *Service) RevokeToken(ctx context.Context, by Principal, id string) error {
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", by.ID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`delete from auth_token where id = $1 and account = $2`, id, by.ID)
		if err == nil && (!found || n == 0) {
			err = fault.New(fault.NotFound, "auth.no_token")
		}
		if err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.drop(id) })
		return s.recordAccount(tx, FactTokenRevoked, by.ID, a, AccountBody{Token: id})
	})
}

// tokenLife is how long a token of TokensFor lasts, tokenChunk how many are
// made in one transaction.
const (
	tokenLife  = 90 * 24 * time.Hour
	tokenChunk = 250
)

// TokensFor makes count tokens, each of a different account of the role inside
// at (anywhere, if at is zero), for the machine's operator. Accounts that exist
// come first; then seats of people and firms that have none yet.
//
// Faults: Invalid for a role nobody has at such a scope; Exhausted
// "auth.too_few" with have and want, after which nothing was made.
func (s *Service) TokensFor(ctx context.Context, role Role, count int, at Scope) ([]string, error) {
	if count < 1 || count > 200_000 {
		return nil, fault.New(fault.Invalid, "auth.count")
	}
	if (Seat{Role: role}).wide() == nil {
		return nil, wrongSeat()
	}
	seats, err := s.seatsFor(ctx, role, count, at)
	if err != nil {
		return nil, err
	}
	if len(seats) < count {
		return nil, fault.New(fault.Exhausted, "auth.too_few", "have", len(seats), "want", count)
	}
	by := Operator()
	texts := make([]string, 0, count)
	for len(seats) > 0 {
		part := seats[:min(len(seats), tokenChunk)]
		seats = seats[len(part):]
		var made []string
		err := s.db.Write(ctx, func(tx *storage.Tx) error {
			made = made[:0]
			for _, seat := range part {
				a, err := s.sit(tx, by, seat)
				if err != nil {
					return err
				}
				text, err := s.addToken(tx, by, a, "token create", s.now().Add(tokenLife))
				if err != nil {
					return err
				}
				made = append(made, text)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		texts = append(texts, made...)
	}
	return texts, nil
}

package auth

import (
	"database/sql"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Account is one holder of a role at a scope.
type Account struct {
	ID       string
	Login    string // user name, or "" for an account without one
	Role     Role
	Scope    Scope
	Person   string
	Name     string
	Disabled bool
	Created  time.Time

	password string
	epoch    int64
}

const accountColumns = `a.id, a.login, a.role, a.scope_kind, a.scope_id, a.person, a.name, a.password, a.epoch, a.disabled, a.created`

type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (a Account, err error) {
	var disabled, created int64
	err = row.Scan(&a.ID, &a.Login, &a.Role, &a.Scope.Kind, &a.Scope.ID, &a.Person, &a.Name, &a.password, &a.epoch, &disabled, &created)
	a.Disabled, a.Created = disabled != 0, clock.FromMicros(created)
	if seated(a.Login) {
		a.Login = ""
	}
	return a, err
}

func scanAccounts(rows *sql.Rows) (Account, error) { return scanAccount(rows) }

// accountBy loads one account by a unique column; found is false for none.
func accountBy(r storage.Reader, column, value string) (a Account, found bool, err error) {
	a, err = scanAccount(r.Row(`select `+accountColumns+` from auth_account a where a.`+column+` = $1`, value))
	if storage.NoRows(err) {
		return Account{}, false, nil
	}
	return a, err == nil, err
}

// insertAccount adds an account unless its login is taken.
func insertAccount(tx *storage.Tx, a Account, now time.Time) (bool, error) {
	n, err := tx.Exec(`insert into auth_account (id, login, role, scope_kind, scope_id, person, name, password, epoch, disabled, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9) on conflict (login) do nothing`,
		a.ID, a.Login, string(a.Role), a.Scope.Kind, a.Scope.ID, a.Person, a.Name, a.password, clock.Micros(now))
	return n == 1, err
}

// A seat is the login of an account nobody signs in to by name.
func seatLogin(r Role, s Scope) string { return "~" + string(r) + ":" + s.String() }
func seated(login string) bool         { return login != "" && login[0] == '~' }

// EnsureSeat returns the account of a seat, made if there was none. It has no
// password: a worker signs in by phone, a program by token, a demonstration by
// Begin. actor is who caused it.
func (s *Service) EnsureSeat(tx *storage.Tx, actor string, seat Seat) (Account, error) {
	if !seat.Role.sits(seat.Scope.Kind) || seat.Scope.ID == "" {
		return Account{}, wrongSeat()
	}
	now, login := s.now(), seatLogin(seat.Role, seat.Scope)
	a := Account{ID: ident.New("acc", now), Login: login, Role: seat.Role, Scope: seat.Scope, Person: seat.Person, Name: seat.Name, Created: now}
	if a.Role.Personal() {
		a.Name = "" // a person's name is party's to keep, sealed
	}
	// Claim before reading: two first sign-ins at once would otherwise both find
	// nothing and one be run again.
	added, err := insertAccount(tx, a, now)
	if err != nil {
		return Account{}, err
	}
	if !added {
		a, _, err = accountBy(tx, "login", login)
		return a, err
	}
	a.Login = ""
	return a, s.recordAccount(tx, FactAccountAdded, actor, a, AccountBody{Role: a.Role, Scope: a.Scope})
}

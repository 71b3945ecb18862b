package auth

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// NewAccount is what an officer gives to add one.
type NewAccount struct {
	Login    string // user name, in lower case
	Name     string // as staff are shown
	Role     Role
	Scope    Scope
	Person   string // optional
	Password string
}

// AddAccount adds an account with a user name and a first password.
// Faults: Invalid, Denied, Unauthenticated, Conflict "auth.login_taken", Busy.
func (s *Service) AddAccount(ctx context.Context, by Principal, in NewAccount) (Account, error) {
	if err := s.mayManage(ctx, by, in.Scope); err != nil {
		return Account{}, err
	}
	in.Login, in.Name = normal(in.Login), strings.TrimSpace(in.Name)
	if err := in.validate(); err != nil {
		return Account{}, err
	}
	hash, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return Account{}, err
	}
	var a Account
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		now := s.now()
		a = Account{
			ID: ident.New("acc", now), Login: in.Login, Role: in.Role, Scope: in.Scope,
			Person: in.Person, Name: in.Name, Created: now, password: hash,
		}
		added, err := insertAccount(tx, a, now)
		if err != nil {
			return err
		}
		if !added {
			return fault.New(fault.Conflict, "auth.login_taken").With("login", "auth.login_taken")
		}
		return s.recordAccount(tx, FactAccountAdded, by.ID, a, AccountBody{Login: a.Login, Role: a.Role, Scope: a.Scope})
	})
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

func (in NewAccount) validate() error {
	bad := fault.New(fault.Invalid, "auth.invalid")
	if code := goodLogin(in.Login); code != "" {
		bad.With("login", code)
	}
	if n := len([]rune(in.Name)); n == 0 || n > 60 {
		bad.With("name", "auth.name_needed")
	}
	if !in.Role.sits(in.Scope.Kind) || in.Scope.ID == "" || in.Role.Personal() {
		bad.With("role", "auth.wrong_seat")
	}
	if code := goodPassword(in.Password, in.Login); code != "" {
		bad.With("password", code, "least", passwordLeast)
	}
	return bad.OrNil()
}

// normal is the form in which user names are kept and compared.
func normal(login string) string { return strings.ToLower(strings.TrimSpace(norm.NFKC.String(login))) }

// goodLogin says what is wrong with a user name, or "". Eighteen letters and
// digits are a credit code and belong to the firm.
func goodLogin(login string) string {
	runes := []rune(login)
	if len(runes) < 2 || len(runes) > 32 {
		return "auth.login_length"
	}
	plain := true
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && (i == 0 || !strings.ContainsRune("._-", r)) {
			return "auth.login_letters"
		}
		plain = plain && r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	if plain && len(runes) == 18 {
		return "auth.login_code"
	}
	return ""
}

func wrongSeat() error { return fault.New(fault.Invalid, "auth.wrong_seat") }

// mayManage permits managing accounts that sit at a scope.
func (s *Service) mayManage(ctx context.Context, by Principal, at Scope) error {
	if by.Role == System {
		return nil
	}
	chain, err := s.chain(ctx, at)
	if err != nil {
		return err
	}
	return by.Permit(ManageAccounts, Permits(), chain...)
}

// Account returns one account. Faults: NotFound, also for one out of reach.
func (s *Service) Account(ctx context.Context, by Principal, id string) (Account, error) {
	var a Account
	err := s.db.Read(ctx, func(r storage.Reader) (err error) {
		var found bool
		a, found, err = accountBy(r, "id", id)
		if err == nil && !found {
			err = noAccount()
		}
		return err
	})
	if err != nil {
		return Account{}, err
	}
	if a.ID != by.ID && s.mayManage(ctx, by, a.Scope) != nil {
		return Account{}, noAccount()
	}
	return a, nil
}

func noAccount() error { return fault.New(fault.NotFound, "auth.no_account") }

// Accounts lists accounts of a role by id after another, those in reach of by.
// A page may be short; it is the last when next is "".
func (s *Service) Accounts(ctx context.Context, by Principal, role Role, after string, limit int) (list []Account, next string, err error) {
	if err := by.Permit(ManageAccounts, Permits(), by.Scope); err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), 200)
	var page []Account
	err = s.db.Read(ctx, func(r storage.Reader) (err error) {
		page, err = storage.All(r, scanAccounts, `select `+accountColumns+` from auth_account a where a.role = $1 and a.id > $2 order by a.id limit $3`, string(role), after, limit)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) == limit {
		next = page[limit-1].ID
	}
	for _, a := range page {
		if s.mayManage(ctx, by, a.Scope) == nil {
			list = append(list, a)
		}
	}
	return list, next, nil
}

// Disable stops an account and everything signed in as it, at once.
// Faults: NotFound, Denied, Invalid without a reason.
func (s *Service) Disable(ctx context.Context, by Principal, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.New(fault.Invalid, "auth.invalid").With("reason", "auth.reason_needed")
	}
	return s.setDisabled(ctx, by, id, 1, FactAccountDisabled, reason)
}

// Enable lets an account sign in again. Faults: NotFound, Denied.
func (s *Service) Enable(ctx context.Context, by Principal, id string) error {
	return s.setDisabled(ctx, by, id, 0, FactAccountEnabled, "")
}

func (s *Service) setDisabled(ctx context.Context, by Principal, id string, to int64, fact, reason string) error {
	a, err := s.Account(ctx, by, id)
	if err != nil {
		return err
	}
	if err := s.mayManage(ctx, by, a.Scope); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update auth_account set disabled = $1, epoch = epoch + $1 where id = $2 and disabled <> $1`, to, id)
		if err != nil || n == 0 {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(id) })
		return s.recordAccount(tx, fact, by.ID, a, AccountBody{Reason: reason})
	})
}

package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Session is one signed-in browser. Secret is set by the verb that began it
// and by nothing else: it is what the cookie holds. Proof is for the device to
// keep beyond the session; "" where nothing was proved.
type Session struct {
	ID        string
	Secret    string
	Proof     string
	Principal Principal
	Device    string
	Created   time.Time
	Seen      time.Time
	Expires   time.Time
}

// lifetime is how long a session may lie idle and how long it lasts at all. An
// officer's ends with the shift; a worker's code must open at a gate in the
// rain, and shows the own person only.
func lifetime(r Role) (idle, whole time.Duration) {
	switch r {
	case Worker, Resident:
		return 30 * 24 * time.Hour, 90 * 24 * time.Hour
	case Guard:
		return 14 * time.Hour, 24 * time.Hour
	case Firm:
		return 4 * time.Hour, 7 * 24 * time.Hour
	}
	return 2 * time.Hour, 14 * time.Hour
}

// A secret is an id of 30 characters, which finds the row and is no secret, and
// 256 random bits, of which the row keeps the SHA-256: being random, they need
// no slow hash.
const idLen, secretLen = 30, 43

func newSecret(id string) (text string, sum [32]byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	tail := base64.RawURLEncoding.EncodeToString(b[:])
	return id + tail, sha256.Sum256([]byte(tail))
}

func parseSecret(text, prefix string) (id string, sum [32]byte, ok bool) {
	if len(text) != idLen+secretLen || !strings.HasPrefix(text, prefix) {
		return "", sum, false
	}
	return text[:idLen], sha256.Sum256([]byte(text[idLen:])), true
}

// begin starts a session of an account in the caller's transaction.
func (s *Service) begin(tx *storage.Tx, a Account, device, how string, demo bool) (Session, error) {
	now := s.now()
	_, whole := lifetime(a.Role)
	id := ident.New("ses", now)
	text, sum := newSecret(id)
	b := Session{ID: id, Secret: text, Device: shortDevice(device), Created: now, Seen: now, Expires: now.Add(whole)}
	_, err := tx.Exec(`insert into auth_session (id, account, secret, epoch, device, demo, created, seen, expires) values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
		id, a.ID, sum[:], a.epoch, b.Device, bit(demo), clock.Micros(now), clock.Micros(b.Expires))
	if err != nil {
		return Session{}, err
	}
	if b.Principal, err = s.principal(tx, a, id, demo); err != nil {
		return Session{}, err
	}
	return b, s.recordAccount(tx, FactSignedIn, a.ID, a, AccountBody{Session: id, Reason: how})
}

// Begin starts a session without a password: for the demonstration's one click.
// Whoever calls it has made sure that this is a demonstration.
// Faults: NotFound.
func (s *Service) Begin(ctx context.Context, account string, from Client) (Session, error) {
	var begun Session
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", account)
		if err == nil && (!found || a.Disabled) {
			err = noAccount()
		}
		if err != nil {
			return err
		}
		begun, err = s.begin(tx, a, from.Device, "demo", true)
		return err
	})
	return begun, err
}

func (s *Service) principal(r storage.Reader, a Account, session string, demo bool) (Principal, error) {
	p := Principal{ID: a.ID, Role: a.Role, Person: a.Person, Name: a.Name, Scope: a.Scope, Session: session, Demo: demo}
	if p.Name == "" && p.Person != "" && s.masks != nil {
		masked, err := s.masks.Masked(r, p.Person)
		if err != nil {
			return Principal{}, err
		}
		p.Name = masked[p.Person].Name
	}
	return p, nil
}

// Authenticate returns whose bearer token or session cookie this is. A bearer
// that is given decides alone: a wrong one is not mended by a good cookie.
// Faults: Unauthenticated "auth.unauthenticated", the same whatever is wrong.
func (s *Service) Authenticate(ctx context.Context, bearer, cookie string) (Principal, error) {
	kind, text := "ses_", cookie
	if bearer != "" {
		kind, text = "bwt_", bearer
	}
	id, sum, ok := parseSecret(text, kind)
	if !ok {
		return Principal{}, nobody()
	}
	now := s.now()
	k, fresh, turn := s.cache.get([]byte(id), now)
	if !fresh {
		var err error
		if k, err = s.load(ctx, id, now); err != nil {
			return Principal{}, err
		}
		if k.principal.Zero() {
			return Principal{}, nobody()
		}
		s.cache.put(id, k, turn)
	}
	return s.believe(id, k, sum, now)
}

// Recall is Authenticate from memory alone; false: not known here, or not believed.
func (s *Service) Recall(bearer, cookie []byte) (Principal, bool) {
	kind, text := "ses_", cookie
	if len(bearer) > 0 {
		kind, text = "bwt_", bearer
	}
	if len(text) != idLen+secretLen || string(text[:len(kind)]) != kind {
		return Principal{}, false
	}
	now := s.now()
	k, fresh, _ := s.cache.get(text[:idLen], now)
	if !fresh {
		return Principal{}, false
	}
	p, err := s.believe(k.principal.Session, k, sha256.Sum256(text[idLen:]), now)
	return p, err == nil
}

// believe checks the secret and the lifetime of what is known of an id.
func (s *Service) believe(id string, k *known, sum [32]byte, now time.Time) (Principal, error) {
	if subtle.ConstantTimeCompare(k.secret[:], sum[:]) != 1 || !k.alive(now) {
		return Principal{}, nobody()
	}
	// An eighth of the idle time is exact enough, and spares a write per request.
	if k.idle > 0 && now.Sub(k.seen) > k.idle/8 {
		s.cache.note(id, now)
	}
	return k.principal, nil
}

func nobody() error { return fault.New(fault.Unauthenticated, "auth.unauthenticated") }

// load reads a session or token whose account may still act; none is a zero.
func (s *Service) load(ctx context.Context, id string, now time.Time) (k *known, err error) {
	query := `select ` + accountColumns + `, s.secret, s.demo, s.seen, s.expires from auth_session s join auth_account a on a.id = s.account
		where s.id = $1 and a.disabled = 0 and s.epoch = a.epoch`
	if strings.HasPrefix(id, "bwt_") {
		query = `select ` + accountColumns + `, s.secret, s.demo, s.created, s.expires from auth_token s join auth_account a on a.id = s.account
		where s.id = $1 and a.disabled = 0`
	}
	err = s.db.Read(ctx, func(r storage.Reader) error {
		var secret []byte
		var demo, seen, expires int64
		k = &known{loaded: now}
		a, err := scanAccount(wider{r.Row(query, id), []any{&secret, &demo, &seen, &expires}})
		if storage.NoRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		copy(k.secret[:], secret)
		if expires != 0 {
			k.expires = clock.FromMicros(expires)
		}
		k.seen = s.cache.lastUse(id, clock.FromMicros(seen))
		if strings.HasPrefix(id, "ses_") {
			k.idle, _ = lifetime(a.Role)
		}
		k.principal, err = s.principal(r, a, id, demo != 0)
		return err
	})
	return k, err
}

// wider scans an account's columns and those after them.
type wider struct {
	row  scanner
	more []any
}

func (w wider) Scan(dest ...any) error { return w.row.Scan(append(dest, w.more...)...) }

// Sessions lists by's own sessions that could still be used, newest first.
func (s *Service) Sessions(ctx context.Context, by Principal) ([]Session, error) {
	idle, _ := lifetime(by.Role)
	now := s.now()
	var list []Session
	err := s.db.Read(ctx, func(r storage.Reader) (err error) {
		list, err = storage.All(r, func(rows *sql.Rows) (b Session, err error) {
			var created, seen, expires int64
			err = rows.Scan(&b.ID, &b.Device, &created, &seen, &expires)
			b.Created, b.Seen, b.Expires = clock.FromMicros(created), s.cache.lastUse(b.ID, clock.FromMicros(seen)), clock.FromMicros(expires)
			return b, err
		}, `select s.id, s.device, s.created, s.seen, s.expires from auth_session s join auth_account a on a.id = s.account
			where s.account = $1 and s.epoch = a.epoch and s.expires > $2 and s.seen > $3 order by s.id desc limit 50`,
			by.ID, clock.Micros(now), clock.Micros(now.Add(-idle)))
		return err
	})
	return list, err
}

// SignOut ends one of by's own sessions, at once. Ending one that is over is no
// fault. Faults: Unauthenticated.
func (s *Service) SignOut(ctx context.Context, by Principal, session string) error {
	if by.Zero() {
		return nobody()
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, _, err := accountBy(tx, "id", by.ID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`delete from auth_session where id = $1 and account = $2`, session, by.ID)
		if err != nil || n == 0 {
			return err
		}
		tx.OnCommit(func() { s.cache.drop(session) })
		return s.recordAccount(tx, FactSignedOut, by.ID, a, AccountBody{Session: session})
	})
}

// SignOutEverywhere ends every session of by's account, this one too. Tokens
// for programs are revoked one by one: RevokeToken.
// Faults: Unauthenticated.
func (s *Service) SignOutEverywhere(ctx context.Context, by Principal) error {
	if by.Zero() {
		return nobody()
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", by.ID)
		if err != nil || !found {
			return err
		}
		if _, err := tx.Exec(`update auth_account set epoch = epoch + 1 where id = $1`, by.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(`delete from auth_session where account = $1`, by.ID); err != nil {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(by.ID) })
		return s.recordAccount(tx, FactSignedOutEverywhere, by.ID, a, AccountBody{})
	})
}

// SignOutOthers ends every session of by's account but this one.
// Faults: Unauthenticated.
func (s *Service) SignOutOthers(ctx context.Context, by Principal) error {
	if by.Zero() {
		return nobody()
	}
	return s.db.Write(ctx, func(tx *storage.Tx) error {
		a, found, err := accountBy(tx, "id", by.ID)
		if err != nil || !found {
			return err
		}
		n, err := tx.Exec(`delete from auth_session where account = $1 and id <> $2`, by.ID, by.Session)
		if err != nil || n == 0 {
			return err
		}
		tx.OnCommit(func() { s.cache.dropAccount(by.ID) })
		return s.recordAccount(tx, FactSignedOutEverywhere, by.ID, a, AccountBody{Session: by.Session, Reason: "all others"})
	})
}

// shortDevice keeps what a person recognises and no more.
func shortDevice(d string) string {
	r := []rune(ident.Fold(d))
	return string(r[:min(len(r), 60)])
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

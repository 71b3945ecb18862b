package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"strings"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/storage"
)

// Message is one short message to a phone. Gateways that send approved templates
// only take Template and Params; others take Text, which says the same.
type Message struct {
	Phone    string
	Template string // "sign_in"
	Params   map[string]string
	Text     string
}

// Sender hands messages to a gateway. It may be slow: it is called by Run, one
// message at a time, and nobody waits for it.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Codes. Six digits, five tries and ten codes a day let a guesser try fifty of a
// million a day at one phone. A network is given what a dormitory behind one
// address may need; the district's day bounds what a flood of messages can cost.
const (
	codeLife    = 5 * time.Minute
	codeTries   = 5
	codeEvery   = time.Minute // between two codes to one phone
	codesPerDay = 10          // to one phone

	codeNetBurst, codeNetEvery = 30, 20 * time.Second
	codesOfDistrict            = 50_000 // a day
	outboxMost                 = 2000
)

// SendsCodes reports whether this installation can send messages.
func (s *Service) SendsCodes() bool { return s.sender != nil }

// CodesOnly reports whether a code is the only way in for people with a phone.
func (s *Service) CodesOnly() bool { return s.codesOnly }

// SendCode sends a code to a phone that the district knows, and answers alike, in
// like time, for one it does not: the message goes out after the answer. say puts
// the code into words. The challenge names this code when it comes back.
//
// Faults: Invalid with field phone, TooMany "auth.code_soon" or
// "auth.code_day", Busy, NotFound "auth.no_codes".
func (s *Service) SendCode(ctx context.Context, phone string, say func(code string, minutes int) string, from Client) (challenge string, err error) {
	if s.sender == nil {
		return "", fault.New(fault.NotFound, "auth.no_codes")
	}
	number, err := ident.Phone(phone)
	if err != nil {
		return "", fault.New(fault.Invalid, "auth.invalid").With("phone", "auth.code_phone")
	}
	if wait := s.byCodes.take("net:" + network(from.Addr)); wait > 0 {
		return "", soon("auth.code_soon", wait)
	}
	if wait := s.allCodes.take("district"); wait > 0 || len(s.outbox) == cap(s.outbox) {
		return "", fault.New(fault.Busy, "auth.busy")
	}
	people, err := s.peopleBy(ctx, number)
	if err != nil {
		return "", err
	}
	now, id, code := s.now(), ident.New("cod", s.now()), newCode()
	sealed, err := s.ring.Seal([]byte(number), []byte("auth_code:"+id))
	if err != nil {
		return "", err
	}
	digest := s.codeDigest(id, code)
	if len(people) == 0 {
		digest = make([]byte, len(digest)) // no code opens it
	}
	hash := s.ring.Hash("auth.phone", number)
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(`insert into auth_code (id, phone, number, digest, tries, used, created, expires) values ($1, $2, $3, $4, 0, 0, $5, $6)`,
			id, hash, sealed, digest, clock.Micros(now), clock.Micros(now.Add(codeLife))); err != nil {
			return err
		}
		return mayHaveCode(tx, hash, id, now)
	})
	if err != nil {
		return "", err
	}
	if len(people) > 0 {
		m := Message{Phone: number, Template: "sign_in", Params: map[string]string{"code": code}, Text: say(code, int(codeLife.Minutes()))}
		select {
		case s.outbox <- m:
		default: // others were quicker: as a message lost on its way
		}
	}
	return id, nil
}

// mayHaveCode counts the codes of a phone before this one.
func mayHaveCode(tx *storage.Tx, hash []byte, id string, now time.Time) error {
	var n, last int64
	if err := tx.Row(`select count(*), coalesce(max(created), 0) from auth_code where phone = $1 and created > $2 and id <> $3`,
		hash, clock.Micros(now.Add(-24*time.Hour)), id).Scan(&n, &last); err != nil {
		return err
	}
	if wait := clock.FromMicros(last).Add(codeEvery).Sub(now); last > 0 && wait > 0 {
		return soon("auth.code_soon", wait)
	}
	if n >= codesPerDay {
		return soon("auth.code_day", time.Hour)
	}
	return nil
}

// soon is a TooMany fault of its own words.
func soon(code string, wait time.Duration) error {
	f := fault.As(tooMany(wait))
	f.Code = code
	return f
}

// peopleBy finds whom a phone belongs to.
func (s *Service) peopleBy(ctx context.Context, number string) ([]Candidate, error) {
	if s.residents == nil {
		return nil, nil
	}
	return s.residents.ByPhone(ctx, number)
}

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // never fails, see crypto/rand
	}
	return fmt.Sprintf("%06d", n)
}

func (s *Service) codeDigest(id, code string) []byte { return s.ring.Hash("auth.code", id+"\n"+code) }

// SignInByCode begins the session of whom the phone belongs to. Where a family
// shares it, lastSix of the ID number says who; that is asked only of somebody who
// has the code.
//
// Faults: Unauthenticated "auth.code_wrong", also for a code used, too old or
// tried five times; Invalid with field last_six "auth.code_which"; TooMany, Busy.
func (s *Service) SignInByCode(ctx context.Context, challenge, code, lastSix string, from Client) (Session, error) {
	net := "net:" + network(from.Addr)
	if err := tooMany(s.byNetwork.take(net)); err != nil {
		return Session{}, err
	}
	number, err := s.tryCode(ctx, challenge, strings.Join(strings.Fields(ident.Fold(code)), ""))
	if err != nil {
		return Session{}, err
	}
	s.byNetwork.give(net)
	people, err := s.peopleBy(ctx, number)
	if err != nil {
		return Session{}, err
	}
	who, err := s.choose(people, lastSix)
	if err != nil {
		return Session{}, err
	}
	var begun Session
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		n, err := tx.Exec(`update auth_code set used = 1 where id = $1 and used = 0`, challenge)
		if err == nil && n == 0 {
			err = wrongCode()
		}
		if err != nil {
			return err
		}
		a, err := s.EnsureSeat(tx, "system", Seat{Role: who.Role, Scope: Person(who.Person), Person: who.Person})
		if err == nil && a.Disabled {
			err = wrongCode()
		}
		if err != nil {
			return err
		}
		begun, err = s.begin(tx, a, from.Device, "code", false)
		begun.Proof = s.prove(from.Proof, "phone:"+number)
		return err
	})
	return begun, err
}

// tryCode spends one try and answers the number the code was sent to. The try is
// kept whatever comes of it.
func (s *Service) tryCode(ctx context.Context, challenge, code string) (number string, err error) {
	var digest, sealed []byte
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		digest, sealed = nil, nil
		n, err := tx.Exec(`update auth_code set tries = tries + 1 where id = $1 and used = 0 and tries < $2 and expires > $3`, challenge, codeTries, clock.Micros(s.now()))
		if err != nil || n == 0 {
			return err
		}
		return tx.Row(`select digest, number from auth_code where id = $1`, challenge).Scan(&digest, &sealed)
	})
	if err != nil {
		return "", err
	}
	if len(code) != 6 || subtle.ConstantTimeCompare(digest, s.codeDigest(challenge, code)) != 1 {
		return "", wrongCode()
	}
	plain, err := s.ring.Open(sealed, []byte("auth_code:"+challenge))
	return string(plain), err
}

// choose is the one person a code was for.
func (s *Service) choose(people []Candidate, lastSix string) (Candidate, error) {
	lastSix = tidySix(lastSix)
	if len(people) > 1 && lastSix == "" {
		return Candidate{}, fault.New(fault.Invalid, "auth.invalid").With("last_six", "auth.code_which")
	}
	if len(people) == 1 && lastSix == "" {
		return people[0], nil
	}
	who, matches := matching(people, lastSix)
	if matches != 1 {
		return Candidate{}, fault.New(fault.Invalid, "auth.invalid").With("last_six", "auth.code_which")
	}
	return who, nil
}

func wrongCode() error { return fault.New(fault.Unauthenticated, "auth.code_wrong") }

// deliver sends one message. Its failure is told without the number.
func (s *Service) deliver(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if err := s.sender.Send(ctx, m); err != nil {
		return fmt.Errorf("send a message: %w", err)
	}
	return nil
}

package privacy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/keyring"
	"breakwater/internal/service/privacy"
	"breakwater/internal/storage"
	"breakwater/internal/storage/storagetest"
)

// room holds a person until it is told not to, and says whom it forgot.
type room struct {
	holds  bool
	forgot []string
}

func (r *room) Holds(storage.Reader, string) error {
	if r.holds {
		return fault.New(fault.Conflict, "room.holds")
	}
	return nil
}

func (r *room) Forget(tx *storage.Tx, person string) error {
	tx.OnCommit(func() { r.forgot = append(r.forgot, person) })
	return nil
}

type actors struct{}

func (actors) Actor(_ context.Context, id string) (auth.Role, string, error) {
	return auth.Officer, "desk of " + id, nil
}

// parter parts records as the service that joins them does.
type parter struct{ w *world }

func (p parter) PartPerson(tx *storage.Tx, by auth.Principal, person, reason string) error {
	_, err := p.w.people.Part(tx, p.w.log, by.ID, person, reason, p.w.hand.Now())
	return err
}

type world struct {
	*privacy.Service
	db       *storage.DB
	log      *eventlog.Log
	people   *party.Store
	room     *room
	hand     *clock.Hand
	person   string
	resident auth.Principal
	officer  auth.Principal
}

func both(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	mods := []storage.Module{eventlog.Module(), once.Module(), party.Module(), privacy.Module()}
	storagetest.Run(t, mods, func(t *testing.T, db *storage.DB) {
		w := &world{db: db, room: &room{}, hand: clock.NewHand(time.Date(2020, 3, 20, 1, 0, 0, 0, time.UTC))}
		ring, err := keyring.New()
		must(t, err)
		w.log, err = eventlog.New(db, ring, w.hand.Now, "test.example/log")
		must(t, err)
		w.people = party.New(ring)
		must(t, db.Write(t.Context(), func(tx *storage.Tx) (err error) {
			w.person, _, err = w.people.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindPassport, IDNumber: "AB1234567", Phone: "13800001234"}, w.hand.Now())
			return err
		}))
		w.Service = privacy.New(privacy.Deps{
			Store: db, Log: w.log, Parties: w.people, Ring: ring, Clock: w.hand.Now, District: "pla_d", Actors: actors{}, Holders: []privacy.Holder{w.room}, Records: parter{w},
		})
		w.resident = auth.Principal{ID: "acc_r", Role: auth.Resident, Person: w.person, Scope: auth.Person(w.person)}
		w.officer = auth.Principal{ID: "acc_o", Role: auth.Officer, Scope: auth.District("pla_d")}
		fn(t, w)
	})
}

// erase erases a person by all their records.
func (w *world) erase(ctx context.Context, by auth.Principal, person, reason string) error {
	_, err := w.ErasePerson(ctx, by, person, reason, true)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("%v, want %s", err, code)
	}
}

func key(name string) once.Key {
	return once.Key{Principal: "acc", Operation: "test", Key: name}
}

func (w *world) ask(t *testing.T, in privacy.AskInput) privacy.Request {
	t.Helper()
	q, err := w.Ask(t.Context(), w.resident, in)
	must(t, err)
	return q
}

func (w *world) now(t *testing.T) (p party.Person, err error) {
	t.Helper()
	err = w.db.Read(t.Context(), func(r storage.Reader) (err error) { p, err = w.people.Get(r, w.person); return err })
	return p, err
}

func TestSeen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, err := w.people.Reveal(t.Context(), w.db, w.log, "acc_o", w.person, "核对电话号码")
		must(t, err)
		list, err := w.Seen(t.Context(), w.resident)
		must(t, err)
		if d := cmp.Diff([]privacy.Look{{At: w.hand.Now(), Role: auth.Officer, Place: "desk of acc_o", Reason: "核对电话号码"}}, list); d != "" {
			t.Error(d)
		}
		for _, by := range []auth.Principal{{}, w.officer, {ID: "acc_x", Role: auth.Resident, Scope: auth.Person("per_x"), Person: w.person}} {
			if _, err := w.Seen(t.Context(), by); err == nil {
				t.Errorf("%+v reads who looked at another", by)
			}
		}
	})
}

func TestCorrection(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		q := w.ask(t, privacy.AskInput{Kind: privacy.Correct, Field: "phone", Wish: " 139 0000 1234 ", Key: key("a")})
		if again := w.ask(t, privacy.AskInput{Kind: privacy.Correct, Field: "phone", Wish: " 139 0000 1234 ", Key: key("a")}); again.ID != q.ID {
			t.Errorf("asked twice: %s and %s", q.ID, again.ID)
		}
		_, err := w.Ask(ctx, w.resident, privacy.AskInput{Kind: privacy.Correct, Field: "phone", Wish: "13911112222", Key: key("b")})
		want(t, err, "privacy.waiting")
		for _, bad := range []privacy.AskInput{{Kind: privacy.Correct, Field: "id_number", Wish: "x"}, {Kind: privacy.Correct, Field: "name"}, {Kind: "see"}, {Kind: privacy.Erase, Wish: strings.Repeat("字", 201)}} {
			_, err = w.Ask(ctx, w.resident, bad)
			want(t, err, "privacy.invalid")
		}
		for _, by := range []auth.Principal{{}, w.resident, {ID: "acc_p", Role: auth.Officer, Scope: auth.Park("pla_p")}} {
			if _, err := w.Case(ctx, by, q.ID); err == nil {
				t.Errorf("%+v reads a request", by)
			}
		}
		list, err := w.Waiting(ctx, w.officer, "", 10)
		must(t, err)
		if len(list) != 1 || list[0].Wish != "139 0000 1234" || list[0].Who.Name != "李*娜" {
			t.Errorf("%+v", list)
		}
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Key: key("s0")})
		want(t, err, "privacy.invalid")
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "\u3164\u3164\u3164\u3164\u3164", Key: key("s1")})
		want(t, err, "privacy.invalid") // nobody could read it
		want(t, w.erase(ctx, auth.Operator(), w.person, "........"), "privacy.invalid")
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "电话核实无误", Key: key("s")})
		must(t, err)
		if p, err := w.now(t); err != nil || p.Phone != "13900001234" {
			t.Errorf("%s %v", p.Phone, err)
		}
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Reason: "电话核实无误", Key: key("t")})
		want(t, err, "privacy.settled")
		mine, err := w.Mine(ctx, w.resident)
		must(t, err)
		if len(mine) != 1 || mine[0].State != privacy.Granted || mine[0].Wish != "" || mine[0].Answer != "电话核实无误" {
			t.Errorf("%+v", mine)
		}
	})
}

// What does not hold stays undone, whole.
func TestCorrectionThatDoesNotHold(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		q := w.ask(t, privacy.AskInput{Kind: privacy.Correct, Field: "phone", Wish: "12"})
		_, err := w.Settle(t.Context(), w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "电话核实无误"})
		want(t, err, "party.invalid")
		list, err := w.Waiting(t.Context(), w.officer, "", 10)
		must(t, err)
		if len(list) != 1 {
			t.Errorf("%+v", list)
		}
		_, err = w.Settle(t.Context(), w.officer, privacy.SettleInput{Request: q.ID, Reason: "号码位数不对"})
		must(t, err)
		if p, err := w.now(t); err != nil || p.Phone != "13800001234" {
			t.Errorf("%s %v", p.Phone, err)
		}
	})
}

// Erasure empties every room and leaves the log whole.
func TestErasure(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, err := w.people.Reveal(ctx, w.db, w.log, "acc_o", w.person, "核对电话号码")
		must(t, err)
		q := w.ask(t, privacy.AskInput{Kind: privacy.Erase, Wish: "已搬离本区"})
		w.room.holds = true
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "核实本人申请"})
		want(t, err, "room.holds")
		w.room.holds = false
		want(t, w.erase(ctx, w.officer, w.person, "not by an officer's hand"), "auth.denied")
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "核实本人申请"})
		must(t, err)
		_, err = w.now(t)
		want(t, err, "party.erased")
		if d := cmp.Diff([]string{w.person}, w.room.forgot); d != "" {
			t.Error(d)
		}
		mine, err := w.Mine(ctx, w.resident)
		must(t, err)
		if len(mine) != 1 || mine[0].State != privacy.Granted || mine[0].Wish+mine[0].Answer != "" {
			t.Errorf("something is kept: %+v", mine)
		}
		if looks, err := w.Seen(ctx, w.resident); err != nil || len(looks) != 0 {
			t.Errorf("%+v %v", looks, err)
		}
		rep, err := w.log.Verify(ctx, nil)
		if err != nil || !rep.OK {
			t.Errorf("the log does not stand: %+v %v", rep, err)
		}
		must(t, w.erase(ctx, auth.Operator(), w.person, "twice does nothing"))
		want(t, w.erase(ctx, auth.Operator(), "per_nobody", "nobody has this id"), "party.unknown")
	})
}

// join enters another passport and finds it to be of the same person as a record.
func (w *world) join(t *testing.T, to, passport string) (other string) {
	t.Helper()
	must(t, w.db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		if other, _, err = w.people.Ensure(tx, party.Person{Name: "李小娜", IDKind: ident.KindPassport, IDNumber: passport}, w.hand.Now()); err != nil {
			return err
		}
		_, err = w.people.Join(tx, w.log, "acc_o", to, other, party.JoinedBody{Reason: "两本护照原件均已核对"}, w.hand.Now())
		return err
	}))
	return other
}

// A person reads which records are said to be theirs, says that one is not, and an
// officer takes it apart in the same step.
func TestRecordsApart(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		wrong := privacy.AskInput{Kind: privacy.Correct, Field: privacy.Records, Wish: "第二份登记不是我本人"}
		if list, err := w.OwnRecords(ctx, w.resident); err != nil || len(list) != 0 {
			t.Errorf("one record: %+v, %v", list, err)
		}
		_, err := w.Ask(ctx, w.resident, wrong)
		want(t, err, "party.same_alone")
		other := w.join(t, w.person, "CD7654321")
		list, err := w.OwnRecords(ctx, w.resident)
		must(t, err)
		if len(list) != 2 || list[0].Mine == list[1].Mine || !list[0].Since.Equal(w.hand.Now()) || strings.Contains(list[0].IDNumber+list[1].IDNumber, "7654321") {
			t.Errorf("two records: %+v", list)
		}
		if list, err := w.OwnRecords(ctx, w.officer); err == nil {
			t.Errorf("an officer reads %+v", list)
		}
		for _, why := range []string{"", "不是我", strings.Repeat("字", 201)} {
			_, err := w.Ask(ctx, w.resident, privacy.AskInput{Kind: privacy.Correct, Field: privacy.Records, Wish: why})
			want(t, err, "privacy.invalid")
		}
		q := w.ask(t, wrong)
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: false, Reason: "证件照片一致，请本人到场核对"})
		must(t, err)
		if list, err := w.OwnRecords(ctx, w.resident); err != nil || len(list) != 2 {
			t.Errorf("refused: %+v, %v", list, err)
		}
		q = w.ask(t, wrong)
		settle := privacy.SettleInput{Request: q.ID, Grant: true, Reason: "已核对，确为两人", Key: key("apart")}
		_, err = w.Settle(ctx, w.officer, settle)
		must(t, err)
		_, err = w.Settle(ctx, w.officer, settle)
		must(t, err)
		if list, err := w.OwnRecords(ctx, w.resident); err != nil || len(list) != 0 {
			t.Errorf("taken apart: %+v, %v", list, err)
		}
		// Asked again while they were one, answered when they are two: nothing to do.
		must(t, w.db.Write(ctx, func(tx *storage.Tx) error {
			_, err := w.people.Join(tx, w.log, "acc_o", w.person, other, party.JoinedBody{Reason: "再次核对"}, w.hand.Now())
			return err
		}))
		q = w.ask(t, wrong)
		must(t, w.db.Write(ctx, func(tx *storage.Tx) error { return parter{w}.PartPerson(tx, w.officer, other, "另一位已分开") }))
		_, err = w.Settle(ctx, w.officer, privacy.SettleInput{Request: q.ID, Grant: true, Reason: "已核对，确为两人"})
		want(t, err, "party.same_alone")
	})
}

// Whoever is erased is erased by all their records, or by none while a roster holds one;
// a record that was taken apart stays.
func TestErasureOfSeveralRecords(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := w.join(t, w.person, "CD7654321")
		gone := func(id string) bool {
			t.Helper()
			err := w.db.Read(ctx, func(r storage.Reader) error { _, err := w.people.Get(r, id); return err })
			if err != nil {
				want(t, err, "party.erased")
			}
			return err != nil
		}
		w.room.holds = true
		want(t, w.erase(ctx, auth.Operator(), other, "asked for at the counter"), "room.holds")
		if gone(w.person) || gone(other) {
			t.Error("erased though a roster holds it")
		}
		w.room.holds = false
		must(t, w.db.Write(ctx, func(tx *storage.Tx) error { return parter{w}.PartPerson(tx, w.officer, other, "确为两人") }))
		third := w.join(t, other, "EF1111222")
		// Whoever does not say so is told what would go with it.
		_, err := w.ErasePerson(ctx, auth.Operator(), other, "asked for at the counter", false)
		want(t, err, "privacy.erase_joined")
		if args := fault.As(err).Args; args["others"] != third || gone(other) {
			t.Errorf("named %v", args)
		}
		must(t, w.erase(ctx, auth.Operator(), other, "asked for at the counter"))
		if gone(w.person) || !gone(other) || !gone(third) {
			t.Errorf("apart %v, one %v and %v", gone(w.person), gone(other), gone(third))
		}
		var left int64
		must(t, w.db.Read(ctx, func(r storage.Reader) error {
			return r.Row(`select count(*) from party_same where person in ($1, $2)`, other, third).Scan(&left)
		}))
		if left != 0 {
			t.Errorf("%d rows still say who was one person", left)
		}
		rep, err := w.log.Verify(ctx, nil)
		if err != nil || !rep.OK {
			t.Errorf("the log does not stand: %+v %v", rep, err)
		}
	})
}

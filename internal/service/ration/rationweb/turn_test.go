package rationweb_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/kernel/party"
	"breakwater/internal/service/ration"
	"breakwater/internal/storage"
)

// Where a room waits nothing is to be booked without a turn: the pages lead to the room,
// before anything is pressed and after.
func TestNoBookingBeforeTheTurn(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		file := strings.NewReplacer(`"masks"`, `"roomed"`, `opens = "00:00"`, "opens = \"00:00\"\nqueue = true").Replace(campaign)
		act := got(w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: []byte(file), Reason: "按通知启动"}))(t)
		ok(t, w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
		ok(t, w.Supply(t.Context(), w.officer, "roomed", 100, "市里调拨", once.Key{}))
		o := got(w.Plan(t.Context(), w.officer, ration.PlanInput{
			Campaign: "roomed", Day: ration.DayOf(w.hand.Now().In(w.Zone)), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 50}},
		}))(t)[0]
		ok(t, w.TurnRooms(t.Context()))

		by := w.resident(t, 7)
		c := w.caller(by)
		at, room := "/supplies/roomed", `class="btn" href="/supplies/roomed/queue"`
		book := at + "/book/" + o.ID
		look := func(when string, a string, wants, lacks []string) {
			t.Helper()
			for _, s := range wants {
				if !strings.Contains(a, s) {
					t.Errorf("%s: lacks %s\n%s", when, s, a)
				}
			}
			for _, s := range lacks {
				if strings.Contains(a, s) {
					t.Errorf("%s: has %s", when, s)
				}
			}
		}
		form := `<form method="post" class="stack">`
		look("nobody", w.caller(auth.Principal{}).Get(at).Body, []string{room}, []string{book})
		look("no place", c.Get(at).Body, []string{room, "轮到您时预约"}, []string{book})
		look("no place, the form", c.Get(book).Body, []string{room}, []string{form})
		refused := c.Form(book)
		if refused.Status != http.StatusConflict {
			t.Errorf("refused: %d", refused.Status)
		}
		look("refused", refused.Body, []string{room, "请先取号"}, []string{form})

		got(w.JoinQueue(t.Context(), by, ration.QueueInput{Campaign: "roomed"}))(t)
		for range 40 {
			w.hand.Set(w.hand.Now().Add(250 * time.Millisecond))
			ok(t, w.TurnRooms(t.Context()))
		}
		look("in turn", c.Get(at).Body, []string{book}, []string{"轮到您时预约"})
		look("in turn, the form", c.Get(book).Body, []string{form}, []string{room})

		to := `href="/supplies/roomed/queue"`
		look("in turn, one's own page", c.Get("/me/supplies").Body, []string{to, "轮到您了"}, nil)
		look("in turn, the room", c.Get(at+"/queue").Body, []string{"选择领取点"}, []string{"已预约"})
		a := got(w.Claim(t.Context(), by, ration.ClaimInput{Offer: o.ID, Key: once.Key{Key: once.Ticket(w.hand.Now())}}))(t)
		voucher := "/me/supplies/" + o.ID + "/" + a.ID
		look("booked, the room", c.Get(at+"/queue").Body, []string{"已预约", voucher}, []string{"轮到您了", "选择领取点"})
		look("booked, one's own page", c.Get("/me/supplies").Body, []string{voucher}, []string{to})
		got(w.GiveBack(t.Context(), by, o.ID, a.ID))(t)
		look("given back, the room", c.Get(at+"/queue").Body, []string{"选择领取点"}, []string{"已预约"})
	})
}

// resident is somebody the district knows, with an account.
func (w *town) resident(t *testing.T, n int) auth.Principal {
	t.Helper()
	var id string
	ok(t, w.db.Write(t.Context(), func(tx *storage.Tx) (err error) {
		id, _, err = w.parties.Ensure(tx, party.Person{
			Name: "王小明", IDKind: ident.KindMainland, IDNumber: ident.MakeMainlandID("330212", time.Date(1981, 1, 1, 0, 0, 0, 0, time.UTC), n),
		}, w.hand.Now())
		return err
	}))
	return auth.Principal{ID: "acc_" + id, Role: auth.Resident, Person: id, Scope: auth.Person(id)}
}

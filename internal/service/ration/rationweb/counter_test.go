package rationweb_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
)

// receive puts a delivery on the shop's shelf through its page.
func (w *town) receive(t *testing.T, pieces string) {
	t.Helper()
	w.caller(w.keeper).Form("/stock/"+w.shop.ID+"/receive", "campaign", "masks", "maker", "均普", "number", "L1", "best_before", "2022-02-01", "pieces", pieces).Want(t, http.StatusSeeOther)
}

// A voucher is found by what was read aloud, handed over to whoever fetches it, and never
// twice; the shelf follows to the piece.
func TestCounter(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		o := w.offer(t, 20)
		a, four := w.booked(t, o, 1)
		c := w.caller(w.keeper)
		c.Get("/counter").Want(t, http.StatusOK, "康宁大药房", "1 单，2 件", "架上没有存货")

		if at := c.Get("/stock").Want(t, http.StatusSeeOther).Header.Get("Location"); at != "/stock/"+w.shop.ID {
			t.Errorf("/stock leads a shop to %s", at)
		}
		if at := w.caller(w.officer).Get("/stock").Want(t, http.StatusSeeOther).Header.Get("Location"); at != "/desk/supplies/points" {
			t.Errorf("/stock leads an officer to %s", at)
		}
		c.Form("/counter", "code", "K7M2-9QXE").Want(t, http.StatusUnprocessableEntity, "f-code")
		c.Form("/counter", "code", ident.NewAloud(1)).Want(t, http.StatusNotFound)
		at := c.Form("/counter", "code", strings.ToLower(strings.ReplaceAll(a.Code, "-", " "))).Want(t, http.StatusSeeOther).Header.Get("Location")
		c.Get(at).Want(t, http.StatusOK, "货架已空", "预约保留至", "2020年2月13日 24:00", "gate warn")
		c.Form(at, "last_four", four).Want(t, http.StatusGone, "预约") // nothing to hand over

		c.Form("/stock/"+w.shop.ID+"/receive", "campaign", "masks", "pieces", "3").Want(t, http.StatusUnprocessableEntity, "请填写生产厂家", "请按包装填写批号")
		w.receive(t, "3")
		c.Get(at).Want(t, http.StatusOK, "李*娜", "1.80", "均普，批号 L1", `value="on"`)
		c.Form(at, "last_four", "0000").Want(t, http.StatusUnprocessableEntity, "后四位")
		done := c.Form(at, "last_four", four, "proxy", "on").Want(t, http.StatusSeeOther).Header.Get("Location")
		c.Get(done).Want(t, http.StatusOK, "gate valid", "已发放")
		c.Get(at).Want(t, http.StatusOK, "gate stop", "此前已领取")
		c.Get(at+"?handed=1").Want(t, http.StatusOK, "gate stop") // a link that was typed
		c.Form(at, "last_four", four).Want(t, http.StatusConflict)
		w.hand.Set(w.hand.Now().Add(2 * time.Minute))
		c.Get(done).Want(t, http.StatusOK, "gate stop") // or kept
		c.Get("/counter").Want(t, http.StatusOK, "0 单，0 件", "1 单，2 件")

		// Of another counter nothing is known.
		w.caller(w.other).Form("/counter", "code", a.Code).Want(t, http.StatusNotFound)
		w.caller(w.other).Get(at).Want(t, http.StatusNotFound)
		w.caller(w.other).Get("/stock/"+w.shop.ID).Want(t, http.StatusForbidden)
	})
}

// Too early, too late and given back are said as that, and nothing is handed over.
func TestCounterRefuses(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		o := w.offer(t, 20)
		w.receive(t, "20")
		gone, _ := w.booked(t, o, 1)
		late, four := w.booked(t, o, 2)
		by := auth.Principal{ID: "acc_" + gone.Person, Role: auth.Resident, Person: gone.Person, Scope: auth.Person(gone.Person)}
		got(w.GiveBack(t.Context(), by, gone.Offer, gone.ID))(t)
		c := w.caller(w.keeper)
		c.Get("/counter/"+gone.Offer+"/"+gone.ID).Want(t, http.StatusOK, "gate stop", "已退回")
		w.hand.Set(time.Date(2020, 2, 13, 16, 0, 0, 0, time.UTC)) // the second day is over
		c.Get("/counter/"+late.Offer+"/"+late.ID).Want(t, http.StatusOK, "gate stop", "已过期")
		c.Form("/counter/"+late.Offer+"/"+late.ID, "last_four", four).Want(t, http.StatusConflict)
	})
}

// Stock moves between places, is written off with a reason and comes back; more than is
// there does not leave.
func TestStock(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.receive(t, "100")
		c, at := w.caller(w.keeper), "/stock/"+w.shop.ID
		d := got(w.AtCounter(t.Context(), w.keeper, w.shop.ID))(t)
		lot := "masks " + d.Shelves[0].Lot
		c.Form(at+"/move", "lot", lot, "to", w.depot.ID, "pieces", "101").Want(t, http.StatusGone, "move-pieces")
		c.Form(at+"/move", "lot", lot, "to", w.depot.ID, "pieces", "30").Want(t, http.StatusSeeOther)
		c.Form(at+"/spoil", "lot", lot, "pieces", "10").Want(t, http.StatusUnprocessableEntity, "spoil-reason")
		c.Form(at+"/spoil", "lot", lot, "pieces", "10", "reason", "外箱受潮").Want(t, http.StatusSeeOther)
		c.Form(at+"/return", "lot", lot, "pieces", "1", "reason", "误发退回").Want(t, http.StatusGone) // nobody had any
		// An officer sees the depot's, where nobody stands.
		w.caller(w.officer).Get("/stock/"+w.depot.ID).Want(t, http.StatusOK, "区物资仓库", "30")
		c.Get(at).Want(t, http.StatusOK, ">60<")
		if d := got(w.AtCounter(t.Context(), w.officer, w.depot.ID))(t); d.Shelves[0].Pieces != 30 || d.Point.Kind != ration.Depot {
			t.Errorf("%+v", d)
		}
	})
}

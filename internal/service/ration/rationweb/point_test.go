package rationweb_test

import (
	"net/http"
	"testing"

	"breakwater/internal/kernel/auth"
)

// A shop is closed and opened again from its page, by form and by program; the map, the
// campaign, the counter and whoever booked there read it at once.
func TestClosePoint(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c, all, at := w.caller(w.officer), w.caller(auth.Principal{}), "/desk/supplies/points/"+w.shop.ID
		o := w.offer(t, 20)
		w.receive(t, "50")
		a, _ := w.booked(t, o, 1)
		mine := w.caller(auth.Principal{ID: "acc_" + a.Person, Role: auth.Resident, Person: a.Person, Scope: auth.Person(a.Person)})
		lacks(t, all.Get("/open/stock").Want(t, http.StatusOK), "停电")
		c.Get(at).Want(t, http.StatusOK, "暂停该点", "已有 1 份预约", "四明药店")
		c.Form(at+"/close", "reason", "").Want(t, http.StatusUnprocessableEntity, `name="reason"`)
		c.Form(at+"/close", "reason", "停电", "instead", w.shop.ID).Want(t, http.StatusUnprocessableEntity, "请选择另一个")
		w.caller(w.keeper).Form(at+"/close", "reason", "停电").Want(t, http.StatusForbidden)

		c.Form(at+"/close", "reason", "停电").Want(t, http.StatusSeeOther)
		c.Get(at).Want(t, http.StatusOK, "停电", "恢复启用")
		c.Get("/desk/supplies/points").Want(t, http.StatusOK, "暂停")
		all.Get("/open/stock").Want(t, http.StatusOK, "康宁大药房", "停电")
		all.Get("/open/stock.json").Want(t, http.StatusOK, `"available":0`, `"closed":true`, `"why":"停电"`)
		all.Get("/supplies/masks").Want(t, http.StatusOK, "停电")
		mine.Get("/me/supplies/"+a.Offer+"/"+a.ID).Want(t, http.StatusOK, "康宁大药房暂停发放", "停电", "您的份额保留至")
		mine.Form("/supplies/masks/book/"+o.ID, "offer", o.ID).Want(t, http.StatusConflict, "康宁大药房")
		w.caller(w.keeper).Get("/counter/"+a.Offer+"/"+a.ID).Want(t, http.StatusOK, "本点暂停")

		if x := c.JSON(http.MethodPost, at+"/close", "k", map[string]string{"reason": "停电", "instead": w.next.ID}); x.Status != http.StatusOK && x.Status != http.StatusCreated {
			t.Errorf("%d %s", x.Status, x.Body)
		}
		mine.Get("/me/supplies/"+a.Offer+"/"+a.ID).Want(t, http.StatusOK, "请到四明药店")
		w.caller(w.keeper).Get("/counter/"+a.Offer+"/"+a.ID).Want(t, http.StatusOK, "四明药店")
		w.caller(w.other).Form("/counter", "code", a.Code).Want(t, http.StatusSeeOther)

		c.Form(at+"/open", "reason", "来电了").Want(t, http.StatusSeeOther)
		lacks(t, all.Get("/open/stock").Want(t, http.StatusOK, "康宁大药房"), "停电")
		lacks(t, mine.Get("/me/supplies/"+a.Offer+"/"+a.ID).Want(t, http.StatusOK), "停电")
	})
}

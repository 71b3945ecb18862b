package rationweb_test

import (
	"net/http"
	"strings"
	"testing"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
)

// mailed opens a campaign like the town's, but sent by post.
func (w *town) mailed(t *testing.T) ration.Offer {
	t.Helper()
	file := strings.NewReplacer(`id = "masks"`, `id = "mailed"`, `how = "point"`, `how = "post"`).Replace(campaign)
	act := got(w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: []byte(file), Reason: "按通知启动"}))(t)
	ok(t, w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
	ok(t, w.Supply(t.Context(), w.officer, "mailed", 1000, "市里调拨", once.Key{}))
	return got(w.Plan(t.Context(), w.officer, ration.PlanInput{
		Campaign: "mailed", Day: ration.DayOf(w.hand.Now().In(w.Zone)), Offers: []ration.OfferInput{{Point: w.shop.ID, Pieces: 20}},
	}))(t)[0]
}

// Somebody says where to, the shop opens the addresses and ticks off what left, and the
// resident reads where it is; what came back is seen by both.
func TestSendPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		other, _ := w.booked(t, w.offer(t, 20), 1) // fetched, of somebody else
		o := w.mailed(t)
		by := auth.Principal{ID: "acc_" + other.Person, Role: auth.Resident, Person: other.Person, Scope: auth.Person(other.Person)}
		me, shop := w.caller(by), w.caller(w.keeper)
		book := "/supplies/mailed/book/" + o.ID
		me.Get(book).Want(t, http.StatusOK, "寄送地址", "邮寄")
		me.Form(book, "address", "某处").Want(t, http.StatusUnprocessableEntity, "完整地址")
		at := me.Form(book, "address", "聚贤路 587 号 301 室").Want(t, http.StatusSeeOther).Header.Get("Location")
		me.Get(at).Want(t, http.StatusOK, "聚贤路 587 号 301 室", "待寄送", "最迟发出")
		me.Form(at+"/address", "address", "x").Want(t, http.StatusUnprocessableEntity)
		me.Form(at+"/address", "address", "灯塔路 1 号").Want(t, http.StatusSeeOther)

		shop.Get("/counter").Want(t, http.StatusOK, "待寄送 1 单")
		page := shop.Get("/counter/send").Want(t, http.StatusOK, "李*娜", "口罩")
		if strings.Contains(page.Body, "灯塔路") || strings.Contains(page.Body, "李小娜") {
			t.Error("an address is open before anybody asked for it")
		}
		id := at[strings.LastIndex(at, "/")+1:]
		shop.Form("/counter/send").Want(t, http.StatusConflict, "请勾选")
		shop.Form("/counter/send", "parcel", id).Want(t, http.StatusConflict, "f-parcel."+id, "货架")
		w.caller(w.keeper).Form("/stock/"+w.shop.ID+"/receive", "campaign", "mailed", "maker", "均普", "number", "L1", "best_before", "", "pieces", "10").Want(t, http.StatusSeeOther)
		sheet := shop.Form("/counter/send/sheet").Want(t, http.StatusSeeOther).Header.Get("Location")
		shop.Get(sheet).Want(t, http.StatusOK, "李小娜", "灯塔路 1 号")
		shop.Get(sheet+"/labels.csv").Want(t, http.StatusOK, "李小娜", "灯塔路 1 号", "1.80")
		w.caller(w.other).Get(sheet).Want(t, http.StatusNotFound)

		shop.Form("/counter/send", "parcel", id, "tracking."+id, "EA 12").Want(t, http.StatusSeeOther)
		shop.Get("/counter/send").Want(t, http.StatusOK, "邮件号 EA 12", "没有待寄送")
		me.Get(at).Want(t, http.StatusOK, "已寄出", "EA 12")
		me.Get("/me/supplies").Want(t, http.StatusOK, "已寄出")
		me.Form(at+"/address", "address", "灯塔路 2 号").Want(t, http.StatusConflict)
		back := "/counter/" + o.ID + "/" + id + "/back"
		shop.Form(back, "reason", "").Want(t, http.StatusUnprocessableEntity)
		shop.Form(back, "reason", "三次上门无人").Want(t, http.StatusSeeOther)
		shop.Get("/counter/send").Want(t, http.StatusOK, "三次上门无人")
		me.Get(at).Want(t, http.StatusOK, "已退回，请核对地址", "三次上门无人")
		me.Form(at+"/address", "address", "灯塔路 2 号").Want(t, http.StatusSeeOther)
		// What is sent is not handed over at the counter.
		shop.Get("/counter/"+o.ID+"/"+id).Want(t, http.StatusOK, "gate stop", "不在柜台领取")
	})
}

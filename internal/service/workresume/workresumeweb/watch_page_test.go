package workresumeweb_test

import (
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/once"
	"breakwater/internal/web/webtest"
)

// Supplies run out: the officer finds the firm in the list, the firm reads what to do
// and reports its stock.
func TestPromisePages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, office := w.open(t, 2)
		ok(t, w.Watch(t.Context()))
		desk, firm := w.caller(w.officer), w.caller(office)
		desk.Get("/desk/flags").Want(t, 200, "暂无与承诺不一致的情况")
		firm.Get("/firm/promise").Want(t, 200, "承诺已履行", "当前在场人数", "申报库存")
		for _, d := range []time.Duration{5*24*time.Hour + time.Minute, 10 * time.Minute} {
			w.hand.Add(d)
			ok(t, w.Watch(t.Context()))
		}
		desk.Get("/desk/flags").Want(t, 200, f.Name, "口罩已用完", "提醒", "/desk/resumption/"+f.ID+"/promise")
		desk.Get("/desk/flags?rule=supplies-out&level=suspended").Want(t, 200, "暂无与承诺不一致的情况")
		desk.Get("/desk/flags.csv").Want(t, 200, f.CreditCode, "口罩已用完")
		desk.Get("/desk/resumption/"+f.ID+"/promise").Want(t, 200, "口罩已用完")
		desk.Get("/desk/resumption/"+f.ID).Want(t, 200, "提醒：部分情况与承诺不一致")
		firm.Get("/firm").Want(t, 200, "提醒：部分情况与承诺不一致", "/firm/promise")
		firm.Get("/firm/promise").Want(t, 200, "口罩已用完", "请补充口罩")

		report := func(masks string) webtest.Answer {
			return firm.Form("/firm/stock", "masks", masks, "key", once.Ticket(w.Clock())+masks)
		}
		report("-1").Want(t, 422, "f-masks")
		report("60").Want(t, 303)
		w.caller(w.officer).Get("/desk/flags?after=x").Want(t, 400)
		en := w.caller(office)
		en.Lang = "en"
		en.Get("/firm/promise").Want(t, 200, "The promise against facts", "masks")
	})
}

// A roster longer than declared is said on the firm's first page, with what to do.
func TestRosterOver(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, office := w.open(t, 2)
		firm := w.caller(office)
		if strings.Contains(firm.Get("/firm").Want(t, 200).Body, "多出") {
			t.Error("said of a roster that is as long as declared")
		}
		kind, body := form("名册.csv", w.roll(1), "key", once.Ticket(w.Clock()))
		here := firm.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303).Header.Get("Location")
		firm.Get(here).Want(t, 200, "名册.csv")
		firm.Get("/firm").Want(t, 200, "名册共3人，备案2人，多出1人", "/firm/roster", "/firm/file")
	})
}

// The power desk sends a file, with a line that cannot be used.
func TestMeterPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, office := w.open(t, 1)
		c := w.caller(w.officer)
		c.Get("/desk/meters").Want(t, 200, "抄表数据")
		send := func(text string) webtest.Answer {
			kind, body := form("meters.csv", []byte(text), "key", once.Ticket(w.Clock()))
			return c.Send("POST", "/desk/meters", kind, body, "Accept", "text/html")
		}
		send("信用代码,时间,用电量,正常日用电量\n"+f.CreditCode+",2020-02-17,300,1000\n123,2020-02-17,1,\n").Want(t, 200, "第3行", "信用代码无效")
		send("a,b\n1,2\n").Want(t, 422, "f-file")
		ok(t, w.Watch(t.Context()))
		w.caller(office).Get("/firm/promise").Want(t, 200, "30 %")
	})
}

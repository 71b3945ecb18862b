package workresumeweb_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

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
		for _, d := range []time.Duration{6*24*time.Hour + time.Minute, 10 * time.Minute} { // it begins tomorrow
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

// The power desk tries a file, then sends it, with cells that cannot be used; the same
// file again changes nothing, and a workbook says the same as a text.
func TestMeterPages(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, office := w.open(t, 1)
		c := w.caller(w.officer)
		c.Get("/desk/meters").Want(t, 200, "抄表数据", ".xlsx")
		send := func(name string, file []byte, fields ...string) webtest.Answer {
			kind, body := form(name, file, append(fields, "key", once.Ticket(w.Clock()))...)
			return c.Send("POST", "/desk/meters", kind, body, "Accept", "text/html")
		}
		text := []byte("信用代码,时间,用电量,正常日用电量\n" + f.CreditCode + ",2020-02-17,300,1000\n123,2020-02-30,1,\n")
		send("m.csv", text, "dry_run", "on").Want(t, 200, "试运行：可接收1家企业的1条读数，1行不能接收", "未作任何改动", "A 信用代码")
		for range 2 {
			send("m.csv", text).Want(t, 200, "已接收1家企业的1条读数，1行未接收", "A 信用代码", "请对照营业执照填写 18 位代码", "B 时间", "2020-02-30")
		}
		send("m.csv", []byte("a,b\n1,2\n")).Want(t, 422, "f-file", "缺少：“统一社会信用代码 Credit code”")
		send("m.xlsx", []byte("PK\x03\x04")).Want(t, 422, "f-file", "文件已损坏")
		send("m.xlsx", meterBook(t, f.CreditCode, 400)).Want(t, 200, "已接收1家企业的1条读数，1行未接收", "D 用电量(kWh)", "请勿填写单位")
		ok(t, w.Watch(t.Context()))
		w.caller(office).Get("/firm/promise").Want(t, 200, "40 %") // the workbook's word replaced the text's
		english := w.caller(w.officer)
		english.Lang = "en"
		kind, body := form("m.xlsx", meterBook(t, f.CreditCode, 400))
		english.Send("POST", "/desk/meters", kind, body, "Accept", "text/html").Want(t, 200, "Readings taken: 1. Firms: 1. Rows not taken: 1.", "Enter it without a unit")
		kind, body = form("m.xlsx", meterBook(t, f.CreditCode, 400))
		english.Send("POST", "/desk/meters", kind, body, "Accept", "application/json").Want(t, 200, `"column":"D 用电量(kWh)"`, `"line":4`, `"field":"kwh"`)
	})
}

// meterBook is a workbook as a power company keeps it: a title, the date as Excel keeps
// dates, and a line of which the amount has a unit.
func meterBook(t *testing.T, code string, kwh float64) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	day := time.Date(2020, 2, 17, 0, 0, 0, 0, time.UTC)
	for ref, row := range map[string][]any{
		"A1": {"园区日用电量"}, "A2": {"序号", "企业信用代码", "用电日期", "用电量（kWh）", "正常日用电量"},
		"A3": {1, code, day, kwh, 1000}, "A4": {2, code, day, "400度", ""}, "A5": {"合计", "", "", 800},
	} {
		ok(t, book.SetSheetRow("Sheet1", ref, &row))
	}
	out, err := book.WriteToBuffer()
	ok(t, err)
	return out.Bytes()
}

package workresumeweb_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/webtest"
)

var goodFiling = map[string]any{
	"class": "priority", "industry": "software", "promise": true, "signatory": "王经理", "declared_headcount": 3,
	"masks": 30, "thermometers": 2, "disinfectant_litres": 10, "isolation_rooms": 0,
}

var goodForm = []string{
	"class", "priority", "industry", "software", "promise", "on", "signatory", "王经理", "declared_headcount", "3",
	"masks", "30", "thermometers", "2", "disinfectant_litres", "10", "isolation_rooms", "0",
}

// A firm files, sees beforehand what the rules will say, and uploads its roster.
func TestFirmFilesAndUploads(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, by := w.register(t)
		c := w.caller(by)
		c.Get("/firm").Want(t, 200, "未备案", "现在备案", "/firm/file")
		c.Get("/firm/file").Want(t, 200, "企业因何复工")
		c.Get("/firm/certificate").Want(t, 409)

		c.Form("/firm/file", append([]string{"act", "check"}, goodForm...)...).Want(t, 200, "还有 1 项需要补正", "尚未上传员工名册", `name="masks" value="30"`)
		c.Form("/firm/file", append([]string{"act", "change"}, goodForm...)...).Want(t, 200, `value="30"`, "王经理")
		c.Form("/firm/file", "act", "check", "class", "priority", "industry", "flying", "declared_headcount", "none").Want(t, 422, "f-declared_headcount")
		c.Form("/firm/file", "class", "fine", "industry", "software", "declared_headcount", "0").Want(t, 422, "f-class", "f-declared_headcount", "请在四类中选择一类")

		// A first day that is too near is said at its field, and the first possible one offered.
		today := w.hand.Now().In(w.Zone)
		c.Form("/firm/file", append([]string{"act", "check", "start", today.Format(time.DateOnly)}, goodForm...)...).
			Want(t, 422, "f-start", "至少提前 1 天备案", `value="first"`)
		c.Form("/firm/file", append([]string{"act", "first", "start", today.Format(time.DateOnly)}, goodForm...)...).
			Want(t, 200, `value="`+today.AddDate(0, 0, 1).Format(time.DateOnly)+`"`)

		a := c.Form("/firm/file", append([]string{"key", "ticket-1"}, goodForm...)...).Want(t, 303)
		if to := a.Header.Get("Location"); to != "/firm" {
			t.Fatalf("sent to %q", to)
		}
		c.Get("/firm").Want(t, 200, "待补齐", "共 1 项需要补正", "上传名册", "依据：", "2020-02-11", "我已知悉")

		c.Get("/firm/roster").Want(t, 200, "名册上还没有人", "multipart/form-data")
		kind, body := form("名册.csv", w.roll(3), "key", "ticket-2")
		a = c.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303)
		here := a.Header.Get("Location")
		c.Get(here).Want(t, 200, "名册.csv", "全部行均已收下", "准予复工")
		c.Get("/firm").Want(t, 200, "查看复工证明", "已准予复工")
		c.Get("/firm/certificate").Want(t, 200, "复工证明", "qr45", "https://example.test/c/", "data:image/png")

		notices := got(w.Notices(t.Context(), by, by.Scope.ID))(t)
		c.Form("/firm/seen", "up_to", notices[0].ID).Want(t, 303)
		if page := c.Get("/firm"); strings.Contains(page.Body, "我已知悉") {
			t.Error("notices that were seen are still shown")
		}
	})
}

// The same over JSON, with an idempotency key.
func TestFirmFilesAsProgram(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, by := w.register(t)
		c := w.caller(by)
		var f workresume.Firm
		c.JSON("POST", "/firm/file", "k1", goodFiling).Want(t, 200).Decode(t, &f)
		if f.State != workresume.Returned || f.Filing.Masks != 30 {
			t.Fatalf("filed %+v", f)
		}
		c.JSON("POST", "/firm/file", "k1", goodFiling).Want(t, 200)
		other := map[string]any{"class": "other", "industry": "software", "declared_headcount": 4}
		c.JSON("POST", "/firm/file", "k1", other).Want(t, 422, "once.other_body")
		c.JSON("POST", "/firm/file", "k2", map[string]any{"industry": "software"}).Want(t, 422, "workresume.class_unknown", `"declared_headcount"`)
		c.JSON("POST", "/firm/file", "k3", map[string]any{"colour": "green"}).Want(t, 422, "fault.unknown_field")

		var im workresume.Import
		c.Send("POST", "/firm/roster?name=a.csv", "text/csv", strings.NewReader(string(w.roll(3))), "Accept", "application/json").Want(t, 200, `"errors":[]`).Decode(t, &im)
		w.Await(t.Context(), im.ID, time.Minute)
		people := w.members(t, by)
		if len(people) != 3 {
			t.Fatalf("%d people", len(people))
		}
		var moved struct{ Moved int }
		c.JSON("POST", "/firm/roster/leave", "l1", map[string]any{"people": people[:1]}).Want(t, 200).Decode(t, &moved)
		if moved.Moved != 1 {
			t.Fatalf("moved %d", moved.Moved)
		}
		c.JSON("POST", "/firm/roster/return", "r1", map[string]any{"people": people[:1]}).Want(t, 200, `"moved":1`)
		c.JSON("POST", "/firm/roster/leave", "l2", map[string]any{"people": []string{}}).Want(t, 422, "workresume.choose_people")
		c.JSON("POST", "/firm/roster/codes", "", map[string]any{"people": people[:2]}).Want(t, 200, "BW1:", `"short_code"`)
		c.JSON("POST", "/firm/people/"+people[0], "", map[string]any{"reason": "核对身份信息"}).Want(t, 200, "李娜", "330299")
		c.JSON("POST", "/firm/people/"+people[0], "", map[string]any{"reason": ""}).Want(t, 422, "party.reason")
	})
}

// Bad cells are listed with their row and how to mend them, and come back marked.
func TestFirmMendsRoster(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, by := w.open(t, 2)
		c := w.caller(by)
		file := string(w.roll(1)) + "王强,330299198001010000,13800009999\n,330299198001010001,1\n"
		kind, body := form("坏.csv", []byte(file), "key", "t")
		a := c.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303)
		here := a.Header.Get("Location")
		page := c.Get(here).Want(t, 200, "合格的行已经收下", "需要修改的单元格", "下载未通过的行", "身份证号")
		if strings.Contains(page.Body, "330299198001010000") {
			t.Error("a number stands unmasked on the screen")
		}
		book := c.Get(here+"/marked.xlsx").Want(t, 200)
		if !strings.HasPrefix(book.Body, "PK") || !strings.Contains(book.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("marked copy: %v", book.Header)
		}
		if book := c.Get("/firm/roster/template.xlsx").Want(t, 200); !strings.HasPrefix(book.Body, "PK") {
			t.Error("the template is no workbook")
		}

		kind, body = form("旧.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), "key", "u")
		a = c.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303)
		c.Get(a.Header.Get("Location")).Want(t, 200, "这份文件未被接收", "另存")
		c.Send("POST", "/firm/roster", "application/x-www-form-urlencoded", strings.NewReader(""), "Accept", "text/html").Want(t, 422, "f-file")
		c.Form(here+"/cancel").Want(t, 303) // ended already: nothing changes

		kind, body = form("试.csv", w.roll(4), "dry_run", "on")
		a = c.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303)
		c.Get(a.Header.Get("Location")).Want(t, 200, "试运行，未作任何改动")
		if now := got(w.Firm(t.Context(), by, f.ID))(t); now.Roster != 3 {
			t.Errorf("a dry run left %d on the roster", now.Roster)
		}
	})
}

var peopleField = regexp.MustCompile(`name="people" value="([^"]+)"`)

// People leave after a question, and the line that says so undoes it.
func TestFirmPeopleLeaveAndReturn(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, by := w.open(t, 3)
		c := w.caller(by)
		people := w.members(t, by)
		c.Get("/firm/roster?q="+url.QueryEscape("李娜")).Want(t, 200, "李*", "打印个人码")
		c.Form("/firm/roster/leave", "act", "ask", "people", people[0]).Want(t, 200, "将 1 人移出名册", "申报复工人数随之由 3 人调整为 2 人")
		c.Form("/firm/roster/leave").Want(t, 422, "请至少选择一人")
		a := c.Form("/firm/roster/leave", "key", "x", "people", people[0]).Want(t, 303)
		page := c.Get(a.Header.Get("Location")).Want(t, 200, "已将 1 人移出名册", "撤销")
		if m := peopleField.FindStringSubmatch(page.Body); m == nil || m[1] != people[0] {
			t.Fatalf("nobody to put back: %v", m)
		}
		c.Get("/firm/roster?left=1").Want(t, 200, "恢复在册", "李*")
		c.Get("/firm/people/"+people[0]).Want(t, 200, "离开日期")
		c.Form("/firm/roster/return", "key", "y", "people", people[0]).Want(t, 303)
		if now := got(w.Firm(t.Context(), by, f.ID))(t); now.Roster != 3 || now.State != workresume.Certified {
			t.Errorf("roster %d, state %s", now.Roster, now.State)
		}
		c.Form("/firm/roster/codes", "people", people[0], "people", people[1]).Want(t, 200, "纸质个人码", "qr30")

		c.Get("/firm/people/"+people[0]).Want(t, 200, "查看完整信息", "3302")
		c.Form("/firm/people/"+people[0], "reason", "").Want(t, 422, "f-reason")
		open := c.Form("/firm/people/"+people[0], "reason", "回电核对身份").Want(t, 200, "仅显示这一次", "330299")
		if strings.Contains(open.Body, "李*") {
			t.Error("the name is still masked")
		}
	})
}

// A firm sees no other firm: whatever it names, there is nothing.
func TestFirmSeesNoOther(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		theirs, other := w.open(t, 2)
		_, by := w.open(t, 2)
		c := w.caller(by)
		stranger := w.members(t, other)[0]
		im := got(w.Imports(t.Context(), other, theirs.ID))(t)[0].ID
		for _, path := range []string{"/firm/people/" + stranger, "/firm/imports/" + im, "/firm/imports/" + im + "/marked.xlsx"} {
			c.Get(path).Want(t, 404)
		}
		for _, path := range []string{"/firm/roster/leave", "/firm/roster/codes"} {
			c.JSON("POST", path, "k"+path, map[string]any{"people": []string{stranger}}).Want(t, 404)
		}
		// Somebody who never was here is nobody, wherever they are now.
		c.JSON("POST", "/firm/roster/return", "r", map[string]any{"people": []string{stranger}}).Want(t, 404)
		c.JSON("POST", "/firm/people/"+stranger, "", map[string]any{"reason": "想看一看"}).Want(t, 404)
		c.JSON("POST", "/firm/imports/"+im+"/cancel", "", struct{}{}).Want(t, 404)
		for _, path := range []string{"", "/roster", "/certificate", "/imports/" + im, "/people/" + stranger} {
			c.Get("/desk/resumption/"+theirs.ID+path).Want(t, http.StatusForbidden)
		}
		guard := w.caller(auth.Principal{ID: "acc_guard", Role: auth.Guard, Scope: auth.Gate("pla_x")})
		guard.Get("/firm").Want(t, 403)
		guard.JSON("POST", "/firm/file", "", goodFiling).Want(t, 403)
		w.caller(w.officer).Get("/firm").Want(t, 403, "企业自己的办公室")
		(&webtest.Caller{T: t, Site: w.site}).JSON("POST", "/firm/file", "", goodFiling).Want(t, 401)
	})
}

// The officer's list finds, filters, pages and exports; cells cannot run.
func TestDeskList(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, _ := w.open(t, 2)
		bad, _ := w.register(t)
		c := w.caller(w.officer)
		page := c.Get("/desk/resumption").Want(t, 200, f.Name, bad.Name, "最需要处理的排在最前", "东园", `hx-get="/desk/resumption"`)
		if strings.Index(page.Body, bad.Name) > strings.Index(page.Body, f.Name) {
			t.Error("the certified firm stands before the one that has not filed")
		}
		if page := c.Get("/desk/resumption?state=certified").Want(t, 200, f.Name); strings.Contains(page.Body, bad.Name) {
			t.Error("a firm of another state is listed")
		}
		c.Get("/desk/resumption?q=zzz").Want(t, 200, "没有符合的企业")
		c.Get("/desk/resumption?after=x").Want(t, 400)
		part := c.Send("GET", "/desk/resumption?q="+url.QueryEscape(bad.Name), "", nil, "HX-Request", "true").Want(t, 200, bad.Name)
		if strings.Contains(part.Body, "<html") || strings.Contains(part.Body, f.Name) {
			t.Error("asked for a part, a page came")
		}
		got(w.Register(t.Context(), w.officer, workresume.RegisterInput{CreditCode: "91990201000000777R", Name: `=HYPERLINK("x")`}))
		file := c.Get("/desk/resumption.csv").Want(t, 200, "统一社会信用代码", f.CreditCode)
		rows := got(csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll())(t)
		if len(rows) < 3 || strings.Contains(file.Body, "\n=") || strings.Contains(file.Body, ",=") || strings.Contains(file.Body, `,"=`) {
			t.Errorf("file: %q", file.Body)
		}
		w.caller(auth.Principal{ID: "acc_c", Role: auth.Commander, Scope: w.officer.Scope}).Get("/desk/resumption").Want(t, 403)
	})
}

// A firm without a park is told so, and the desk sees it in the list and on its file,
// until an officer enters one.
func TestParkless(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f := got(w.Register(t.Context(), w.officer, workresume.RegisterInput{CreditCode: ident.MakeCreditCode("91990201000000778"), Name: "无园企业"}))(t)
		desk, base := w.caller(w.officer), "/desk/resumption/"+f.ID
		office := w.caller(auth.Principal{ID: "acc_" + f.ID, Role: auth.Firm, Name: f.Name, Scope: auth.OfFirm(f.ID)})
		told := func(yes bool) {
			t.Helper()
			for c, pages := range map[*webtest.Caller]map[string]string{
				office: {"/firm": "贵单位尚未登记所在园区"},
				desk:   {"/desk/resumption": "未登记园区", base: "该企业尚未登记园区"},
			} {
				for path, words := range pages {
					if page := c.Get(path).Want(t, 200, f.Name); strings.Contains(page.Body, words) != yes {
						t.Errorf("%s says %q: %t, want %t", path, words, !yes, yes)
					}
				}
			}
		}
		told(true)
		desk.Form(base+"/park", "key", "pk", "park", w.park.ID).Want(t, 303)
		told(false)
	})
}

// An officer files for a firm, decides otherwise after a question, and hands back.
func TestDeskCase(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, by := w.open(t, 2)
		c, base := w.caller(w.officer), "/desk/resumption/"+f.ID
		c.Get(base).Want(t, 200, f.Name, "各条规则均已通过", "经过", "规则判定", "提交备案", "代企业备案")
		c.Form(base+"/decision", "act", "ask", "reason", "现场检查不合格").Want(t, 422, "f-state")
		c.Form(base+"/park", "park", "pla_nowhere").Want(t, 422, "f-park")
		c.Form(base+"/park", "key", "pk1", "park", "").Want(t, 303)
		c.Get(base).Want(t, 200, "不在园区内")
		c.JSON("POST", base+"/park", "pk2", map[string]string{"park": f.Park}).Want(t, 200, f.Park)

		list, _, err := w.Members(t.Context(), w.officer, f.ID, workresume.MemberFilter{})
		if err != nil {
			t.Fatal(err)
		}
		who := base + "/people/" + list[0].ID
		c.Get(who).Want(t, 200, "更正姓名")
		c.Form(who+"/name", "name", "赵六", "why", "改").Want(t, 422, "f-why")
		c.Form(who+"/name", "key", "rn", "name", "赵六", "why", "核对身份证件").Want(t, 303)
		c.Get(who).Want(t, 200, "赵*")
		w.caller(by).Form("/desk/resumption/"+f.ID+"/people/"+list[0].ID+"/name", "name", "赵七", "why", "核对身份证件").Want(t, 403)
		c.Form(base+"/decision", "act", "ask", "state", "refused").Want(t, 422, "f-reason")
		c.Form(base+"/decision", "act", "ask", "state", "refused", "reason", "现场检查不合格").Want(t, 200, "复工证明立即失效", "现场检查不合格")
		c.Form(base+"/decision", "key", "d", "state", "refused", "reason", "现场检查不合格").Want(t, 303)
		c.Get(base).Want(t, 200, "目前以人工决定为准：暂不准予", "交还规则判定", "人工决定")
		w.caller(by).Get("/firm").Want(t, 200, "工作人员已对本备案作出决定", "现场检查不合格")
		c.JSON("POST", base+"/decision", "h", map[string]any{"state": "", "reason": "整改完成"}).Want(t, 200, `"state":"certified"`)
		c.JSON("POST", base+"/decision", "h2", map[string]any{"state": "", "reason": "再交一次"}).Want(t, 409, "workresume.no_override")

		c.Get(base+"/file").Want(t, 200, "企业因何复工", `value="10"`)
		c.Form(base+"/file", goodForm...).Want(t, 303)
		c.Get(base+"/roster").Want(t, 200, "李*")
		kind, body := form("代传.csv", w.roll(1))
		c.Send("POST", base+"/roster", kind, body, "Accept", "text/html").Want(t, 303)
		c.Get("/desk/resumption/fir_nobody").Want(t, 404)

		auditor := w.caller(auth.Principal{ID: "acc_audit", Role: auth.Auditor, Scope: w.officer.Scope})
		page := auditor.Get(base).Want(t, 200, f.Name)
		if strings.Contains(page.Body, "另作决定") {
			t.Error("an auditor is offered a decision")
		}
		auditor.Form(base+"/decision", "state", "refused", "reason", "不可以").Want(t, 403)
	})
}

// A firm is entered by its code; a person on two rosters is asked about and settled.
func TestDeskEntersAndSettles(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c := w.caller(w.officer)
		c.Get("/desk/resumption/new").Want(t, 200, "东园")
		c.Form("/desk/resumption/new", "credit_code", "123", "name", "甲").Want(t, 422, "f-credit_code")
		c.Form("/desk/resumption/new", "credit_code", "91330201MA2AEXQ13K", "park", "pla_none").Want(t, 422)
		f, _ := w.register(t)
		a := c.Form("/desk/resumption/new", "credit_code", strings.ToLower(f.CreditCode)).Want(t, 303)
		c.Get(a.Header.Get("Location")).Want(t, 200, "该企业此前已登记", f.Name)

		from, _ := w.open(t, 1)
		w.people-- // the same person again, on another firm's file
		file := w.roll(1)
		to, by := w.open(t, 1)
		office := w.caller(by)
		kind, body := form("a.csv", file)
		office.Send("POST", "/firm/roster", kind, body, "Accept", "text/html").Want(t, 303)
		c.Get("/desk/reviews").Want(t, 200, "没有待处理的核实")
		open := got(w.Reviews(t.Context(), by, to.ID))(t)
		if len(open) != 1 {
			t.Fatalf("%d reviews", len(open))
		}
		if page := office.Get("/firm/roster").Want(t, 200, "1 人在其他企业的名册上"); strings.Contains(page.Body, from.Name) {
			t.Error("a firm reads whose roster the person is on")
		}
		office.Form("/firm/roster/reviews", "review", open[0].ID, "note", "二月十日起在本厂").Want(t, 303)
		c.Get("/desk/reviews").Want(t, 200, from.Name, to.Name, "二月十日起在本厂")
		c.Form("/desk/reviews", "review", open[0].ID, "reason", "双方确认").Want(t, 422, "f-answer")
		c.Form("/desk/reviews", "review", open[0].ID, "answer", "move", "reason", "").Want(t, 422, "f-reason")
		c.JSON("POST", "/desk/reviews", "s", map[string]any{"review": open[0].ID, "answer": "move", "reason": "双方确认"}).Want(t, 200)
		if now := got(w.Firm(t.Context(), by, to.ID))(t); now.Roster != 2 {
			t.Errorf("roster %d after the move", now.Roster)
		}
		office.JSON("POST", "/desk/reviews", "s", map[string]any{"review": open[0].ID, "answer": "keep", "reason": "双方确认"}).Want(t, 403)
	})
}

// Every page says everything in English too.
func TestFirmPagesInEnglish(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		f, by := w.open(t, 2)
		office, desk := w.caller(by), w.caller(w.officer)
		office.Lang, desk.Lang = "en", "en"
		person := w.members(t, by)[0]
		im := got(w.Imports(t.Context(), by, f.ID))(t)[0].ID
		for _, path := range []string{"/firm", "/firm/file", "/firm/roster", "/firm/certificate", "/firm/people/" + person, "/firm/imports/" + im} {
			office.Get(path).Want(t, 200)
		}
		for _, path := range []string{"", "/new", "/" + f.ID, "/" + f.ID + "/file", "/" + f.ID + "/roster", "/" + f.ID + "/certificate", ".csv"} {
			desk.Get("/desk/resumption"+path).Want(t, 200)
		}
		desk.Get("/desk/reviews").Want(t, 200)
	})
}

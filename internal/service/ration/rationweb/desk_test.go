package rationweb_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/ration"
	"breakwater/internal/web/webtest"
)

var auditor = auth.Principal{ID: "acc_a", Name: "审计员", Role: auth.Auditor, Scope: auth.District("pla_d")}

// upload sends a file with the fields before it.
func upload(c *webtest.Caller, path, name, text string, pairs ...string) webtest.Answer {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = m.WriteField(pairs[i], pairs[i+1])
	}
	f, _ := m.CreateFormFile("file", name)
	_, _ = f.Write([]byte(text))
	_ = m.Close()
	return c.Send(http.MethodPost, path, m.FormDataContentType(), &b, "Accept", "text/html")
}

func lacks(t *testing.T, a webtest.Answer, text string) {
	t.Helper()
	if strings.Contains(a.Body, text) {
		t.Errorf("the page has %q", text)
	}
}

var input = regexp.MustCompile(`name="source"[^>]*>([^<]*)<`)

// A campaign is read line by line, shown in words, asked for by one and opened by another;
// who waits for what is said on the desk.
func TestDeskOpens(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c, second := w.caller(w.officer), w.caller(w.second)
		text := strings.Replace(campaign, `id = "masks"`, `id = "gloves"`, 1)
		wrong := strings.Replace(text, "days = 2", "days = 99", 1)
		a := upload(c, "/desk/supplies/new", "gloves.toml", wrong).Want(t, http.StatusUnprocessableEntity, "第 22 行 hand.days：应在 1 至 30 之间", `href="#f-source"`)
		if got := input.FindStringSubmatch(a.Body); len(got) == 0 || !strings.Contains(got[1], "days = 99") {
			t.Error("the text does not stay to be mended")
		}
		// The line is said once, also by a mistake that begins with it.
		wrong = strings.Replace(text, "days = 2", "dais = 2\ndays = 2", 1)
		lacks(t, c.Form("/desk/supplies/new", "source", wrong, "do", "check").Want(t, http.StatusUnprocessableEntity, "hand.dais：第22行：无此项目"), "第 22 行 hand.dais")
		c.Form("/desk/supplies/new", "source", text, "do", "check").Want(t, http.StatusOK, "先到先得", "口罩供应", `name="reason"`)
		c.Form("/desk/supplies/new", "source", text, "do", "ask").Want(t, http.StatusUnprocessableEntity, `name="reason"`)
		at := c.Form("/desk/supplies/new", "source", text, "do", "ask", "reason", "按三号通告启动").Want(t, http.StatusSeeOther).Header.Get("Location")
		c.Get("/desk/supplies").Want(t, http.StatusOK, "等待第二人确认", "查看我的请求")
		second.Get("/desk/supplies").Want(t, http.StatusOK, "等待第二人确认：口罩供应", "按三号通告启动", "阅读并确认", `href="`+at+`"`)
		lacks(t, w.caller(auditor).Get("/desk/supplies"), "等待第二人确认")
		w.caller(w.keeper).Get("/desk/supplies").Want(t, http.StatusForbidden)
	})
}

// A day's plan as a file stands whole or not at all, however long it is, and again it
// changes nothing.
func TestPlanFile(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c, at := w.caller(w.officer), "/desk/supplies/campaigns/masks"
		var shops, plan strings.Builder
		shops.WriteString("名称,类型,地址,镇街,纬度,经度\n")
		plan.WriteString("领取点,件数\n康宁大药房,\n")
		for i := range 150 {
			fmt.Fprintf(&shops, "第%d药店,,江南路 %d 号,新明街道,29.9,121.6\n", i, i)
			fmt.Fprintf(&plan, "第%d药店,6\n", i)
		}
		upload(c, "/desk/supplies/points/file", "a.csv", shops.String()+"四明药店,,别处 1 号,,,\n=1+1,馆,x,,91,\n").
			Want(t, http.StatusUnprocessableEntity, "第 153 行", "请选择领取点或仓库")
		upload(c, "/desk/supplies/points/file", "a.csv", shops.String()+"四明药店,,别处 1 号,,,\n").Want(t, http.StatusUnprocessableEntity, "第 152 行", "已有同名")
		if list := got(w.Points(t.Context()))(t); len(list) != 3 {
			t.Fatalf("%d points of a file that was refused", len(list))
		}
		upload(c, "/desk/supplies/points/file", "a.csv", shops.String()).Want(t, http.StatusSeeOther)
		upload(c, "/desk/supplies/points/file", "a.csv", shops.String()).Want(t, http.StatusSeeOther) // again
		lacks(t, c.Get("/desk/supplies/points?q="+url.QueryEscape("新明 第149")).Want(t, http.StatusOK, "第149药店", "江南路 149 号"), "第148药店")

		today := w.hand.Now().In(w.Zone).Format(time.DateOnly)
		upload(c, at+"/plan/file", "p.csv", plan.String()+"没有药店,5\n第1药店,零\n第2药店,7\n", "day", today).
			Want(t, http.StatusUnprocessableEntity, "第 153 行“没有药店”", "第 154 行“零”")
		upload(c, at+"/plan/file", "p.csv", plan.String()+"第2药店,7\n", "day", today).Want(t, http.StatusUnprocessableEntity, "第 153 行", "出现了两次")
		c.Get(at).Want(t, http.StatusOK, "可供总量", "1,000", "近几日没有安排")
		upload(c, at+"/plan/file", "p.csv", plan.String(), "day", today, "dry_run", "on").Want(t, http.StatusOK, "150 个供应点，共 900 件", "余量为 100 件")
		if n := planned(t, w); n != 0 {
			t.Fatalf("%d offers of a plan that was tried", n)
		}
		upload(c, at+"/plan/file", "p.csv", strings.ReplaceAll(plan.String(), ",6", ",7"), "day", today).Want(t, http.StatusGone, "需要 1,050 件，可安排余量只有 1,000 件")
		if n := planned(t, w); n != 0 {
			t.Fatalf("%d offers of a plan beyond the supply", n)
		}
		upload(c, at+"/plan/file", "p.csv", plan.String(), "day", today).Want(t, http.StatusSeeOther)
		upload(c, at+"/plan/file", "p.csv", plan.String(), "day", today).Want(t, http.StatusSeeOther) // again
		upload(c, at+"/plan/file", "p.csv", "领取点,件数\n第3药店,6\n四明药店,10\n", "day", today).Want(t, http.StatusSeeOther)
		upload(c, at+"/plan/file", "p.csv", "领取点,件数\n第3药店,9\n", "day", today).Want(t, http.StatusUnprocessableEntity, "第 2 行", "已安排 6 件")
		if n := planned(t, w); n != 151 {
			t.Errorf("%d offers", n)
		}
		c.Get(at).Want(t, http.StatusOK, "第149药店", "可供总量", ">90<")
		c.Get(at+"/plan.csv").Want(t, http.StatusOK, "领取点", "第149药店")
	})
}

func planned(t *testing.T, w *town) int {
	t.Helper()
	return len(got(w.Offers(t.Context(), "masks", ration.DayOf(w.hand.Now().In(w.Zone)), 1))(t))
}

// lottery gives by lot to whoever says that they live here.
var lottery = strings.NewReplacer(`id = "masks"`, `id = "lots"`, `by = "arrival"`, `by = "lot"`, `counts = "person"`, "counts = \"person\"\nrules = '''\n"+residents+"'''\n[[ask]]\nname = \"resident\"\ntype = \"bool\"\ntitle = { en = \"Do you live here?\", zh-Hans = \"是否本地居住\" }").Replace(campaign)

const residents = `
id = "residents"
version = "1"
valid_from = 2020-01-01T00:00:00+08:00
title = { en = "Residents", zh-Hans = "居住" }
summary = { en = "Residents", zh-Hans = "居住" }
[missing]
reason = { en = "This is not known: {facts}.", zh-Hans = "以下情况尚不掌握：{facts}。" }
mend = { en = "State it.", zh-Hans = "请补充填报。" }
[[fact]]
name = "resident"
type = "bool"
title = { en = "Lives here", zh-Hans = "本地居住" }
[[rule]]
id = "resident"
require = "resident"
outcome = "return"
reason = { en = "Only for those who live here.", zh-Hans = "只面向本地居住人员。" }
mend = { en = "Ask where you live.", zh-Hans = "请到居住地申请。" }
basis = { en = "Notice", zh-Hans = "通告" }
`

// For whoever has no phone the desk books and enters by the same rule, and says by which
// finding it does not.
func TestDeskBooks(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c := w.caller(w.officer)
		o := w.offer(t, 4)
		paper := []string{"id_kind", "passport", "number", "E12345678", "name", "Ada Li"}
		book := func(at string, more ...string) webtest.Answer { return c.Form(at, append(more, paper...)...) }
		at := "/desk/supplies/campaigns/masks"
		c.Get(at+"/book").Want(t, http.StatusOK, "康宁大药房", "证件号码")
		book(at+"/book", "offer", "off_none").Want(t, http.StatusNotFound)
		book(at+"/book", "offer", o.ID).Want(t, http.StatusSeeOther)
		book(at+"/book", "offer", o.ID).Want(t, http.StatusConflict, "天内限一次", `href="#f-offer"`)
		c.Form(at+"/book", "offer", o.ID, "id_kind", "passport", "number", "!", "name", "").Want(t, http.StatusUnprocessableEntity, "f-number", "f-name")
		c.Get(at+"/close").Want(t, http.StatusOK, "已预约待领取的 2 件", "不能重新开启")
		c.Form(at+"/close", "reason", "").Want(t, http.StatusUnprocessableEntity, "f-reason")
		c.Form(at+"/close", "reason", "十号通告").Want(t, http.StatusSeeOther)
		c.Form(at+"/close", "reason", "十号通告").Want(t, http.StatusConflict)
		c.Get(at+"/book").Want(t, http.StatusConflict)
		c.Get("/open/stock?item=masks").Want(t, http.StatusOK, "康宁大药房") // what was promised still shows

		act := got(w.OpenCampaign(t.Context(), w.officer, ration.OpenInput{File: []byte(lottery), Reason: "按通知启动"}))(t)
		ok(t, w.ConfirmOpen(t.Context(), w.second, act.ID, once.Key{}))
		at = "/desk/supplies/campaigns/lots"
		c.Get(at+"/book").Want(t, http.StatusOK, "窗口代为登记摇号", "是否本地居住", at+"/enter")
		book(at+"/enter", "point", w.shop.ID, "ask.resident", "no").Want(t, http.StatusConflict, "只面向本地居住人员", "请到居住地申请")
		book(at+"/enter", "point", w.shop.ID, "ask.resident", "yes").Want(t, http.StatusSeeOther)
		c.Get(at+"/book").Want(t, http.StatusOK)
		w.caller(auditor).Get(at+"/book").Want(t, http.StatusForbidden)
	})
}

// The feed says of each figure what it is of, when it is of, and how long it may be kept.
func TestStockFeed(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		c := w.caller(auth.Principal{})
		got(w.OpenPoint(t.Context(), w.officer, ration.PointInput{Kind: ration.Shop, Name: `=HYPERLINK("x")`, Address: "海风路", Town: "新明街道"}))(t)
		o := w.offer(t, 20)
		w.receive(t, "50")
		w.booked(t, o, 1)
		var feed struct {
			Updated time.Time `json:"updated_at"`
			Late    bool      `json:"late"`
			Stock   []struct {
				Name                                  string
				OnHand                                int64 `json:"on_hand"`
				Reserved, Available, Promised, Pieces int64
			}
		}
		read := func() {
			t.Helper()
			ok(t, json.Unmarshal([]byte(c.Get("/open/stock.json").Want(t, http.StatusOK).Body), &feed))
		}
		read()
		if s := feed.Stock; len(s) != 1 || s[0].OnHand != 50 || s[0].Reserved != 2 || s[0].Available != 18 || s[0].Promised != 0 || feed.Late {
			t.Fatalf("%+v", feed)
		}
		w.booked(t, o, 2)
		w.hand.Set(w.hand.Now().Add(4 * time.Second))
		a := c.Get("/open/stock.json").Want(t, http.StatusOK)
		if got := a.Header.Get("Cache-Control"); got != "public, max-age=10" {
			t.Error(got)
		}
		c.Send(http.MethodGet, "/open/stock.json", "", nil, "If-None-Match", a.Header.Get("ETag")).Want(t, http.StatusNotModified)
		w.hand.Set(w.hand.Now().Add(2 * time.Second))
		if read(); feed.Stock[0].Reserved != 4 || !feed.Updated.Equal(w.hand.Now()) {
			t.Errorf("%+v", feed)
		}
		rows := got(csv.NewReader(strings.NewReader(c.Get("/open/stock.csv").Want(t, http.StatusOK).Body)).ReadAll())(t)
		if len(rows) != 2 || rows[1][9] != "50" || rows[1][10] != "4" {
			t.Errorf("%v", rows)
		}
		lacks(t, c.Get("/open/stock?q="+url.QueryEscape("聚贤")).Want(t, http.StatusOK, "截至 10:00:06", "康宁大药房", "<circle"), "海风路")
		c.Get("/open/stock?q="+url.QueryEscape("海风")).Want(t, http.StatusOK, "目前没有供应", "按镇街排列")

		// While the store is away the last figures stand, with their age.
		w.db.Break(fmt.Errorf("the disk is gone"))
		defer w.db.Break(nil)
		w.hand.Set(w.hand.Now().Add(2 * time.Minute))
		if read(); !feed.Late {
			t.Error("figures of two minutes ago are not late")
		}
		if a := c.Get("/open/stock.json"); a.Header.Get("Cache-Control") != "no-cache" {
			t.Error(a.Header.Get("Cache-Control"))
		}
		c.Get("/open/stock").Want(t, http.StatusOK, "以下数据已是 2 分钟前", "10:00:06")
	})
}

package web

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/i18n"
	"breakwater/internal/web/ui"
)

// qr stands for a code's picture.
const qr = `<svg viewBox="0 0 21 21" role="img" aria-label="QR"><path d="M0 0h7v7H0zm14 0h7v7h-7zM0 14h7v7H0zM9 2h3v4H9zm0 8h9v3H9zm4 5h6v4h-6z"/></svg>`

// gallery is every part of ui at least once, as pages.
func gallery(p *ui.Page) map[string]templ.Component {
	form := &ui.Form{
		Values:  map[string][]string{"name": {"青屿医药"}, "code": {"91330201MA281K3F7X"}, "class": {"early"}, "promise": {"masks"}},
		Faults:  []ui.FieldFault{{Name: "code", Text: p.T("fault.wrong_type", "want", i18n.Key("fault.want_whole"))}, {Name: "class", Text: p.T("fault.wrong_type", "want", i18n.Key("fault.want_text"))}},
		Message: p.T("fault.fields"), Key: "key_1",
	}
	work := ui.Work{Title: "花名册 roster.xlsx", State: ui.Wait, Word: "running", Done: 61234, Total: 140000, Refused: 12, PerSecond: 15200, Left: 6 * time.Second, Running: true, Cancel: "/x", Poll: "/x"}
	columns := []ui.Column{{Label: "企业", Title: true}, {Label: "类别", Minor: true}, {Label: "在岗", Number: true}, {Label: "状态"}, {Label: "时限"}}
	row := func(name, code string, s ui.State, word string) templ.Component {
		cell := func(i int, html string) templ.Component { return within(ui.Cell(columns[i]), templ.Raw(html)) }
		return templ.Join(templ.Raw("<tr>"),
			cell(0, `<a href="#"><b>`+name+`</b></a><br><span class="mono small mute">`+code+`</span>`), cell(1, "优先保障"), cell(2, p.Number(1760)),
			within(ui.Cell(columns[3]), ui.Badge(s, word)), cell(4, `<span class="clock late">已超 3 时</span>`), templ.Raw("</tr>"))
	}
	table := within(ui.Table("企业", columns...), templ.Join(
		row("海湾新材料股份有限公司", "91330201MA2AF2M88K", ui.Valid, "有效"), row("东岸智造", "91330201MA2CH9P31T", ui.Warn, "提醒"),
		row("青屿医药", "91330201MA281K3F7W", ui.Stop, "暂停"), row("育才软件", "91330201309012345A", ui.Wait, "待审")))
	opts := []ui.Option{{Value: "early", Text: "提前复工", Hint: "Before the general date"}, {Value: "usual", Text: "其他"}}
	return map[string]templ.Component{
		"front": ui.Front(p, ui.FrontPage{
			Figure: "II", Title: "High-tech Zone 高新区", Text: "Level II since 8 February · workplaces reopen by file and promise",
			Tiles: []ui.TileProps{
				{Href: "#", Icon: "code", Title: "My code", Text: "Show it, see why it has its colour", State: ui.Valid, Word: "open"},
				{Href: "#", Icon: "firm", Title: "复工备案", Text: "企业备案、上传花名册、查看证明", State: ui.Wait, Word: "14:00 截止"},
				{Href: "#", Icon: "gate", Title: "Gate", Text: "Check people in and out", State: ui.Warn, Word: "1 alarm"},
				{Href: "#", Icon: "board", Title: "Board", Text: "By park and in total"},
			},
			Now: []ui.Fact{{Term: "Firms certified", Text: p.Number(10934)}, {Term: "Gates working without the network, at this moment", Text: "3 / 214"}},
		}),
		"form": within(ui.Frame(p, "form", ui.Narrow), within(raw(`<form class="form" method="post">`, "</form>"), templ.Join(
			ui.ErrorSummary(p, form), templ.Raw("<h1>复工备案 Filing</h1>"),
			ui.Text(form, ui.Input{Name: "name", Label: "企业名称", Hint: "As on the licence"}), ui.Text(form, ui.Input{Name: "code", Label: "Credit code", Hint: "18 letters and digits", Width: "code", Max: 18}),
			ui.Radios(form, ui.Input{Name: "class", Label: "类别 Class"}, opts...), ui.Checks(form, ui.Input{Name: "promise", Label: "承诺 Promise"}, ui.Option{Value: "masks", Text: "口罩备足三天"}, ui.Option{Value: "air", Text: "通风"}),
			ui.Select(form, ui.Input{Name: "class", Label: "Park"}, opts...), ui.Text(form, ui.Input{Name: "n", Label: "Headcount", Mode: "numeric", Width: "short"}),
			ui.Area(form, ui.Input{Name: "note", Label: "Note", Rows: 3}), ui.File(form, ui.Input{Name: "file", Label: "花名册 Roster", Hint: "xlsx, csv"}, ".xlsx,.csv"),
			ui.FormKey(form), within(raw(`<div class="row">`, "</div>"), templ.Join(ui.Button("提交 Send", ui.Primary), ui.LinkButton("#", "Back", ui.Quiet), ui.Button("Withdraw", ui.Danger)))))),
		"desk": within(ui.Frame(p, "desk", ui.Desk), templ.Join(
			within(raw("<aside>", "</aside>"), ui.Rail("复工核验", ui.Link{Href: "#", Text: "企业", Count: "13,000", Now: true}, ui.Link{Href: "#", Text: "待办", Count: "27"}, ui.Link{Href: "#", Text: "审计日志"})),
			within(raw("<section>", "</section>"), templ.Join(templ.Raw("<h1>企业复工</h1>"),
				ui.Filters(p, ui.FilterBar{Action: "#", Label: "Search", Placeholder: "企业名称、信用代码…", Chips: []ui.Link{{Href: "#", Text: "全部", Count: "13,000", Now: true}, {Href: "#", Text: "暂停", Count: "41"}}}),
				within(raw(`<div class="card table-card">`, "</div>"), table), ui.Pager(p, "1–4 / 13,000", "", "#"))),
			within(raw(`<article class="stack">`, "</article>"), templ.Join(templ.Raw("<h2>青屿医药</h2>"),
				within(ui.Why(ui.Warn, "为什么暂停"), templ.Raw(`<p class="small">规则“每日打卡”第 3 版：连续 2 天打卡率低于 80%。补报 4 人即恢复有效。</p>`)),
				ui.Facts(ui.Fact{Term: "园区", Text: "生物医药创新园 3 号楼"}, ui.Fact{Term: "状态", Text: "暂停", State: ui.Stop}),
				ui.Steps(ui.Step{Title: "自动暂停", Text: "今天 09:00", Done: true}, ui.Step{Title: "提醒企业"}), ui.Action(p, "/x", "准予恢复", ui.Primary))))),
		"states": within(ui.Frame(p, "states", ui.Narrow), within(raw(`<div class="stack">`, "</div>"), templ.Join(
			templ.Raw("<h1>States</h1><p class=row>"), ui.Badge(ui.Valid, "valid 有效"), ui.Badge(ui.Warn, "warning 提醒"), ui.Badge(ui.Stop, "stopped 暂停"), ui.Badge(ui.Wait, "waiting 待审"), templ.Raw("</p>"),
			within(ui.Why(ui.Valid, "Why valid"), templ.Raw("<p>Because.</p>")), within(ui.Why(ui.Stop, "Why stopped"), templ.Raw("<p>Because.</p>")), within(ui.Why(ui.Wait, "Why waiting"), templ.Raw("<p>Because.</p>")),
			ui.Notice(p, ui.Valid, "Saved"), within(ui.Confirm(p, "已备案 Filed", "K7M2-9QXD"), templ.Raw("<p>We tell you by SMS.</p>")),
			ui.Progress(p, work), within(ui.Empty("Nothing yet", "Upload a roster to begin."), ui.LinkButton("#", "Upload", ui.Primary)),
			within(ui.Card("Icons"), templ.Raw(icons()))))),
		"pass": within(ui.Frame(p, "pass", ui.Phone), within(raw(`<div class="stack">`, "</div>"), templ.Join(
			within(ui.Pass(ui.Valid, "可以进入", "海湾新材", ui.Fact{Term: "姓名", Text: "李*娜"}, ui.Fact{Term: "有效至", Text: p.DateTime(time.Date(2020, 2, 24, 16, 0, 0, 0, time.UTC))}), templ.Raw(qr)),
			templ.Raw(`<p class="aloud">K7M2-9QXD</p>`), within(ui.Pass(ui.Stop, "请止步", "Ask your firm"), templ.Raw(qr))))),
		"gate":  within(ui.Frame(p, "gate", ui.Phone), within(ui.Gate(ui.Stop, "3 号门 · 188 / 210", "请止步", "今日不能进入。请本人查看手机上的说明。", "K7M2-9QXD"), templ.Raw("<span>在线</span><span>待上传 0</span>"))),
		"scan":  within(ui.Frame(p, "scan", ui.Phone), templ.Join(ui.Scanner(p, "f-text"), ui.Text(nil, ui.Input{Name: "text", Label: "Code"}), ui.Button("Check", ui.Full))),
		"sheet": within(ui.Sheet(p, "sheet"), templ.Join(templ.Raw(`<h1>复工证明</h1><div class="row"><div class="qr30">`+qr+`</div><p class="sheet-code">K7M2-9QXD</p></div>`), ui.Facts(ui.Fact{Term: "企业", Text: "海湾新材"}))),
		"fault": ui.Fault(p, ui.FaultPage{Status: 503, Kind: "busy", Text: p.T("fault.busy"), Retry: 3, Again: true}),
	}
}

func icons() string {
	var b strings.Builder
	for _, name := range ui.Icons() {
		b.WriteString(`<span class="ico">`)
		_ = ui.Icon(name).Render(context.Background(), &b)
		b.WriteString("</span> ")
	}
	return `<div class="row">` + b.String() + "</div>"
}

// within puts children into a component.
func within(outer, children templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, children), w)
	})
}

func raw(open, shut string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		return templ.Join(templ.Raw(open), children, templ.Raw(shut)).Render(templ.ClearChildren(ctx), w)
	})
}

// TestGallery draws every part in both languages and every theme. With
// BREAKWATER_GALLERY=DIR it leaves the pages there, to be looked at.
func TestGallery(t *testing.T) {
	texts, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := openAssets(static)
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("BREAKWATER_GALLERY")
	if dir != "" {
		if err := os.CopyFS(dir, static); err != nil && !os.IsExist(err) {
			t.Log(err)
		}
	}
	for _, lang := range i18n.Langs() {
		for _, theme := range ui.Themes()[1:] {
			p := &ui.Page{
				Printer: texts.Printer(lang), District: "High-tech Zone", Theme: theme, Path: "/x", URI: "/x?y", Ref: "K7M2-9QXD", Assets: bundle.page(),
				Viewer: ui.Viewer{ID: "acc_1", Name: "审核员 7 号", Role: "officer", Demo: true}, Ticket: func() string { return "key_1" }, Goes: func(string) bool { return true },
				Nav: []ui.Link{{Href: "#", Text: "Firms 企业", Now: true}, {Href: "#", Text: "Board 看板"}, {Href: "#", Text: "Public list 公开名单"}},
			}
			for name, c := range gallery(p) {
				var b strings.Builder
				if err := c.Render(t.Context(), &b); err != nil {
					t.Fatal(name, err)
				}
				for _, bad := range []string{"<style", " style=", " onclick=", "javascript:"} {
					if strings.Contains(b.String(), bad) {
						t.Errorf("%s: %s", name, bad)
					}
				}
				if dir != "" {
					page := strings.ReplaceAll(b.String(), `"/static/`, `"static/`)
					if err := os.WriteFile(filepath.Join(dir, name+"."+string(lang)+"."+string(theme)+".html"), []byte(page), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	for k := range fault.Unavailable + 1 {
		for _, key := range []string{"web.kind_", "web.todo_"} {
			if !texts.Has(i18n.English, key+k.String()) {
				t.Errorf("no text %s%s", key, k)
			}
		}
	}
	if missing := texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}

// TestFirstPageIsSmall: a resident's first page in all, compressed.
func TestFirstPageIsSmall(t *testing.T) {
	s := startWith(t, io.Discard, static)
	if len(s.assets.files) == 0 {
		t.Skip("the bundle is not built: make web")
	}
	total := ask{"GET", "/", "", []string{"Accept-Encoding", "gzip", "Accept-Language", "zh-CN"}}.of(s).Body.Len()
	for _, name := range []string{"app.css", "app.js", "htmx.js", "mark.svg"} {
		total += ask{"GET", s.assets.url(name), "", []string{"Accept-Encoding", "gzip"}}.of(s).Body.Len()
	}
	t.Logf("%d bytes", total)
	if total > 40<<10 {
		t.Errorf("%d bytes in all, more than 40 KB", total)
	}
	if _, err := fs.Stat(static, "static/.keep"); err != nil {
		t.Error("the placeholder that keeps a clean clone building is gone")
	}
}

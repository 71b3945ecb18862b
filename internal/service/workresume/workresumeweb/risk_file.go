package workresumeweb

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

// A file of places goes two ways: it is read and shown with what it would do, and then
// asked for, so that a second officer confirms it. Nothing is kept in between: the
// page itself carries the good lines.

// riskCarried bounds the page's own form: percent signs make three bytes of each.
const riskCarried = 3*riskMost + 64<<10

func (p *pages) riskFileRoutes() web.Routes {
	desk := web.Needs(workresume.MayRisk)
	return web.Routes{
		{Method: "POST", Path: riskBase + "/file", Handler: p.riskFile, Access: desk, Twin: "proposeRisks", MaxBody: riskMost + 16<<10, Slow: uploadSlow},
		{Method: "POST", Path: riskBase + "/ask", Handler: p.riskAsk, Access: desk, Input: riskAskInput{}, Twin: "proposeRisks", MaxBody: riskCarried},
	}
}

// riskFileColumns are the columns of a list of places, by whatever they are called.
func riskFileColumns() []roster.Column {
	return []roster.Column{
		{Title: "地区 Place", Needed: true, Headings: []string{"place", "area", "region", "location", "地区", "风险地区", "地点", "区域", "地区名称", "范围"}},
		{Title: "风险等级 Level", Needed: true, Carried: true, Headings: []string{"level", "risk", "risk level", "grade", "风险等级", "等级", "风险级别", "级别"}},
		{Title: "开始日期 First day", Needed: true, Carried: true, Headings: []string{"from", "first day", "start", "start date", "since", "开始日期", "起始日期", "调整日期", "生效日期", "起", "自"}},
		{Title: "结束日期 Last day", Carried: true, Headings: []string{"until", "last day", "end", "end date", "to", "结束日期", "截止日期", "终止日期", "止", "至"}},
		{Title: "来源 Source", Needed: true, Carried: true, Most: 200, Headings: []string{"source", "notice", "published by", "来源", "依据", "文件", "通告", "发布单位", "信息来源"}},
	}
}

// readRiskFile reads a workbook (.xlsx) or a text with separators. A cell that cannot
// be read refuses its line.
//
// Faults: TooLarge; Invalid with the field "file" for a file that cannot be read whole.
func readRiskFile(in io.Reader, name string) (lines []workresume.RiskLine, err error) {
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	t, err := roster.OpenTable(bytes.NewReader(data), int64(len(data)), name, riskFileColumns(),
		roster.Limits{Bytes: riskMost, Inflated: 64 << 20, Rows: workresume.RisksMost})
	if err != nil {
		return nil, atFile(err)
	}
	defer t.Close()
	for {
		line, cells, err := t.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, atFile(err)
		}
		l := workresume.RiskLine{Line: line, Place: cells[0].Text, Level: riskLevel(cells[1].Text), From: cells[2].Text, Until: cells[3].Text, Source: cells[4].Text}
		for _, c := range cells {
			l.Unread = cmp.Or(l.Unread, c.Fault)
		}
		lines = append(lines, l)
	}
}

// riskLevel is a level as the list has it, whichever word was written.
func riskLevel(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if word, ok := riskLevels[text]; ok {
		return word
	}
	return text
}

// riskTried is a file that was looked at, with its good lines for the next step.
type riskTried struct {
	workresume.RiskTrial
	Carried string // JSON
	Reason  string
}

func triedOf(x workresume.RiskTrial) (*riskTried, error) {
	text, err := json.Marshal(x.Lines)
	return &riskTried{RiskTrial: x, Carried: string(text)}, err
}

// riskFile reads a file and shows what it would do.
func (p *pages) riskFile(w http.ResponseWriter, r *http.Request) error {
	var lines []workresume.RiskLine
	var trial workresume.RiskTrial
	up, err := web.Receive(r, "file")
	if err == nil {
		lines, err = readRiskFile(up, up.Name)
	}
	if err == nil {
		trial, err = p.TryRisks(r.Context(), web.Principal(r), lines)
	}
	if err == nil && web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiRiskTrialOf(trial, web.Printer(r)))
	}
	d, failed := p.riskPage(r, true)
	if failed != nil {
		return failed
	}
	if err != nil {
		d.About = "file"
		return web.Again(err, func(f *ui.Form) templ.Component { return riskView(web.From(r), d, f) })
	}
	if d.Tried, err = triedOf(trial); err != nil {
		return err
	}
	return web.Render(w, r, riskView(web.From(r), d, web.Blank(r)))
}

// riskAskInput is the good lines of a file, as the page carried them, and why.
type riskAskInput struct {
	Lines  string `form:"lines" json:"lines" max:"300000"`
	Reason string `form:"reason" json:"reason" max:"200"`
}

func (p *pages) riskAsk(w http.ResponseWriter, r *http.Request) error {
	var in riskAskInput
	err := web.Decode(r, &in)
	var lines []workresume.RiskLine
	if err == nil && json.Unmarshal([]byte(in.Lines), &lines) != nil {
		err = missing("lines", "travelpages.file_again")
	}
	var act dual.Act
	if err == nil {
		act, err = p.ProposeRisks(r.Context(), web.Principal(r), workresume.RisksInput{Lines: lines, Reason: in.Reason, Key: web.Once(r, "proposeRisks", in)})
	}
	if err == nil {
		web.Flash(w, r, ui.Wait, "travelpages.asked", "")
		return web.Done(w, r, "/desk/second/"+act.ID, apiConfirmed{act.ID})
	}
	d, failed := p.riskPage(r, true)
	if failed != nil {
		return failed
	}
	if trial, unread := p.TryRisks(r.Context(), web.Principal(r), lines); unread == nil && fault.KindOf(err) == fault.Invalid {
		if d.Tried, unread = triedOf(trial); unread != nil {
			return unread
		}
	}
	d.About = "ask"
	return web.Again(err, func(f *ui.Form) templ.Component { return riskView(web.From(r), d, f) })
}

// tellRisks puts a file of places into words for the desk of acts.
func tellRisks(_ context.Context, p *ui.Page, _ auth.Principal, a dual.Act) (second.Told, error) {
	var b workresume.RisksBody
	if err := json.Unmarshal(a.Body, &b); err != nil {
		return second.Told{}, err
	}
	out := second.Told{Href: riskBase, Facts: []ui.Fact{
		{Term: p.T("travelpages.risk"), Text: p.Number(int64(len(b.Lines)))},
		{Term: p.T("travelpages.turning"), Text: p.T("travelpages.turning_of", "n", b.Turning, "looked", b.Looked)},
	}}
	for i, l := range b.Lines {
		if i == namedMost {
			out.Facts = append(out.Facts, ui.Fact{Text: p.T("travelpages.more_lines", "n", len(b.Lines)-namedMost)})
			break
		}
		x := workresume.Risk{From: l.From, Until: l.Until}
		out.Facts = append(out.Facts, ui.Fact{Term: l.Place, Text: p.T("travelpages.level_"+l.Level) + " · " + riskDays(p, x) + " · " + l.Source})
	}
	return out, nil
}

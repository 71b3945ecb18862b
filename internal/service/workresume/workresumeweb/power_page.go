package workresumeweb

import (
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const powerBase = "/desk/meters"

// metersMost is the largest body with meter readings.
const metersMost = 8 << 20

func (p *pages) powerRoutes() web.Routes {
	may := web.Needs(workresume.MayMeter)
	return web.Routes{
		{Method: "GET", Path: powerBase, Handler: p.powerShow, Access: may},
		{Method: "POST", Path: powerBase, Handler: p.powerTake, Access: may, MaxBody: metersMost, Slow: uploadSlow},
	}
}

// powerData is what came of a file; nil before one was sent.
type powerData struct {
	Result *workresume.MetersResult
}

func (p *pages) powerShow(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, powerView(web.From(r), powerData{}, web.Blank(r)))
}

// powerTake reads a CSV file of meter readings and shows what came of it. Sending it
// again changes nothing, so that no key is needed.
func (p *pages) powerTake(w http.ResponseWriter, r *http.Request) error {
	again := func(f *ui.Form) templ.Component { return powerView(web.From(r), powerData{}, f) }
	up, err := web.Receive(r, "file")
	if err != nil {
		return web.Again(err, again)
	}
	list, err := readingsOf(up)
	if err != nil {
		return web.Again(err, again)
	}
	got, err := p.ReadMeters(r.Context(), web.Principal(r), workresume.MetersInput{Readings: list})
	if err != nil {
		return web.Again(err, again)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiMetersOf(got, web.Printer(r)))
	}
	return web.Render(w, r, powerView(web.From(r), powerData{&got}, web.Blank(r)))
}

// headings are a column's names in files, folded to small letters without spaces.
var headings = [...][]string{
	{"creditcode", "credit_code", "统一社会信用代码", "信用代码"},
	{"time", "at", "date", "时间", "日期", "抄表时间"},
	{"kwh", "用电量", "用电量(kwh)", "电量", "用电量（kwh）"},
	{"normal", "normalkwh", "normal_kwh", "正常日用电量", "正常日用电量(kwh)", "正常日用电量（kwh）"},
}

// readingsOf reads a CSV file with a line of headings; the last column may be left out.
func readingsOf(in io.Reader) ([]workresume.Reading, error) {
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1
	wrong := func(code string) error { return fault.New(fault.Invalid, "fault.fields").With("file", code) }
	head, err := rows.Read()
	if err != nil {
		return nil, wrong("watchpages.meters_unreadable")
	}
	at := [4]int{-1, -1, -1, -1}
	for i, h := range head {
		h = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(h, "\ufeff"), " ", ""))
		for k, names := range headings {
			if at[k] < 0 && slices.Contains(names, h) {
				at[k] = i
			}
		}
	}
	if at[0] < 0 || at[1] < 0 || at[2] < 0 {
		return nil, wrong("watchpages.meters_columns")
	}
	var out []workresume.Reading
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil || len(out) > workresume.ReadingsMost {
			return nil, wrong("watchpages.meters_unreadable")
		}
		cell := func(k int) string {
			if at[k] < 0 || at[k] >= len(cells) {
				return ""
			}
			return cells[at[k]]
		}
		line, _ := rows.FieldPos(0)
		out = append(out, workresume.Reading{Line: line, CreditCode: cell(0), At: cell(1), KWh: cell(2), Normal: cell(3)})
	}
}

// faultsShown is how many faults of a file stand on the screen.
const faultsShown = 200

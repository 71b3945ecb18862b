package workresumeweb

import (
	"net/http"

	"github.com/a-h/templ"

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
	Faults []meterFault
}

func (p *pages) powerShow(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, powerView(web.From(r), powerData{}, web.Blank(r)))
}

// powerTake reads a file of meter readings and shows what came of it, or would. Sending
// it again changes nothing, so that no key is needed.
func (p *pages) powerTake(w http.ResponseWriter, r *http.Request) error {
	again := func(f *ui.Form) templ.Component { return powerView(web.From(r), powerData{}, f) }
	up, err := web.Receive(r, "file")
	if err != nil {
		return web.Again(err, again)
	}
	file, err := readMeterFile(up, up.Name)
	if err != nil {
		return web.Again(err, again)
	}
	dry := up.Values.Get("dry_run")
	got, err := p.ReadMeters(r.Context(), web.Principal(r), workresume.MetersInput{Readings: file.readings, DryRun: dry != "" && dry != "false"})
	if err != nil {
		return web.Again(err, again)
	}
	faults := file.faults(got.Faults)
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiMetersOf(got, faults, web.Printer(r)))
	}
	return web.Render(w, r, powerView(web.From(r), powerData{&got, faults}, web.Blank(r)))
}

// faultsShown is how many faults of a file stand on the screen.
const faultsShown = 200

func powerSays(p *ui.Page, d powerData) string {
	said := "watchpages.meters_taken"
	if d.Result.DryRun {
		said = "watchpages.meters_tried"
	}
	return p.T(said, "n", d.Result.Taken, "firms", d.Result.Firms, "faults", d.Result.Refused)
}

func powerState(d powerData) ui.State {
	if d.Result.Refused > 0 {
		return ui.Warn
	}
	return ui.Valid
}

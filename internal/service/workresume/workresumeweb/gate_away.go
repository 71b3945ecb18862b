package workresumeweb

import (
	"net/http"
	"strconv"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// What a phone keeps so that its gate opens without a network: the page of no gate, and
// the worker that gives it out. Neither knows who asks.
const (
	gateAway   = "/gate/away"
	gateWorker = "/gate/worker.js"
)

// keptAnswer is what a page says by itself. Without the server nobody is asked whether the
// code's bearer belongs here, so that none of it is green.
type keptAnswer struct {
	what  string
	state ui.State
	asks  bool // the guard looks at something else and chooses
}

func keptAnswers() []keptAnswer {
	return []keptAnswer{
		{"holds", ui.Warn, false},
		{"leaves", ui.Warn, false},
		{"ended", ui.Stop, false},
		{"expired", ui.Stop, false},
		{"forged", ui.Stop, false},
		{"unknown", ui.Wait, true},
		{"sm2", ui.Wait, true},
		{"short", ui.Wait, true},
	}
}

// showGateAway is the page that a phone keeps: it holds no gate, no person and no number.
// The gate's name comes from what the phone itself remembers.
func (p *pages) showGateAway(w http.ResponseWriter, r *http.Request) error {
	lists, err := p.Status.Lists(r.Context())
	if err != nil {
		return err
	}
	d := gateData{Direction: workresume.In, Now: p.Now(), Lists: numbered(lists), Trust: p.TrustList, Away: true}
	d.Gate.Name = web.From(r).T("gatepages.gate_title")
	return web.Render(w, r, gateView(web.From(r), d, &ui.Form{}))
}

// gateWorker leads to the bundled worker, whose address changes with its content: a
// browser that sees other bytes here takes the new one.
func (p *pages) gateWorker(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/gate") // it lies below the page it serves
	_, err := w.Write([]byte("importScripts(" + strconv.Quote(web.From(r).Assets.URL("worker.js")) + ");\n"))
	return err
}

// gateNetLine is one line on how it stands with the network; some end with a number.
type gateNetLine struct {
	what   string
	state  ui.State
	counts bool
}

func gateNets() []gateNetLine {
	return []gateNetLine{
		{"away", ui.Warn, false},
		{"waiting", ui.Wait, true},
		{"sent", ui.Valid, true},
		{"out", ui.Stop, false},
		{"other", ui.Warn, true},
		{"stay", ui.Warn, true},
	}
}

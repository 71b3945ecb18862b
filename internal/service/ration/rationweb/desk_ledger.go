package rationweb

import (
	"net/http"
	"time"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const ledgerPath = deskBase + "/ledger"

// ledgerShow is the last proof of the ledger, or how far the one that runs has come.
func (p *pages) ledgerShow(w http.ResponseWriter, r *http.Request) error {
	got, err := p.LastProof(web.Principal(r))
	if err != nil {
		return err
	}
	page := web.From(r)
	work := p.proofWork(page, got)
	page.Watch(work)
	return web.Render(w, r, ledgerView(page, got, work))
}

// ledgerProve begins a proof, or joins the one that runs. The same again is harmless.
func (p *pages) ledgerProve(w http.ResponseWriter, r *http.Request) error {
	got, err := p.AuditLedger(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Done(w, r, ledgerPath, proofSaid(got))
}

// proofWork is how far a proof has come.
func (p *pages) proofWork(page *ui.Page, got ration.LedgerProof) ui.Work {
	w := ui.Work{
		Title: page.T("supplydesk.ledger_running"), State: ui.Wait, Word: page.T("supplydesk.ledger_word"),
		Done: got.Done, Total: got.Total, Running: got.Running,
	}
	if took := p.Now().Sub(got.Begun); got.Running && took > time.Second && got.Done > 0 {
		w.PerSecond = float64(got.Done) / took.Seconds()
		w.Left = time.Duration(float64(got.Total-got.Done) / w.PerSecond * float64(time.Second))
	}
	return w
}

// ledgerProof is how it stands with proving the ledger, for a program.
type ledgerProof struct {
	Running   bool      `json:"running" doc:"A proof is on its way; ask again by the same."`
	Begun     time.Time `json:"begun,omitzero" doc:"When it was begun."`
	Done      int64     `json:"done" doc:"Transfers it has judged."`
	Total     int64     `json:"total" doc:"Transfers there were when it began."`
	At        time.Time `json:"at,omitzero" doc:"The last proof that came to its end holds what was committed by then."`
	OK        bool      `json:"ok" doc:"How it came out; false before the first."`
	Books     int64     `json:"books"`
	Accounts  int64     `json:"accounts"`
	Transfers int64     `json:"transfers"`
	Open      int64     `json:"open_holds"`
	Anchored  int64     `json:"anchored" doc:"Books that hold their last anchor in the log of facts."`
	Digest    string    `json:"digest" doc:"SHA-256 over every journal's last digest."`
	Reason    string    `json:"reason,omitempty" doc:"What is wrong first, where something is."`
	Book      string    `json:"wrong_book,omitempty"`
	Batch     int64     `json:"wrong_batch,omitempty"`
	Transfer  string    `json:"wrong_transfer,omitempty"`
	Account   string    `json:"wrong_account,omitempty"`

	Units []ledgerUnit `json:"units"`
}

// ledgerUnit is one unit over all books: what came in is what is inside.
type ledgerUnit struct {
	Unit   string `json:"unit"`
	Came   int64  `json:"came_in"`
	Inside int64  `json:"inside"`
	Held   int64  `json:"held" doc:"Of what is inside, by open holds."`
}

func proofSaid(got ration.LedgerProof) ledgerProof {
	out := ledgerProof{Running: got.Running, Begun: got.Begun, Done: got.Done, Total: got.Total, At: got.At, Units: []ledgerUnit{}}
	rep := got.Report
	if rep == nil {
		return out
	}
	out.OK, out.Books, out.Accounts, out.Transfers, out.Open, out.Anchored, out.Digest, out.Reason = rep.OK, rep.Books, rep.Accounts, rep.Transfers, rep.Open, rep.Anchored, rep.Digest, rep.Reason
	for _, u := range rep.Units {
		out.Units = append(out.Units, ledgerUnit{u.Unit, -u.Outside, u.Inside, u.Held})
	}
	if b := rep.FirstBad; b != nil {
		out.Book, out.Batch, out.Transfer, out.Account = string(b.Book), b.Batch, b.Transfer, b.Account
	}
	return out
}

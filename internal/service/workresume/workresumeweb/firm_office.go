package workresumeweb

import (
	"net/http"
	"time"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
)

// office is whose file a page shows and under which address: the firm's own
// office under /firm, or an officer acting for a firm under /desk/resumption/{firm}.
// The pages are the same; only the frame around them differs.
type office struct {
	Firm string // id
	Base string // address without a slash at the end
	Desk bool
	Acts bool // the reader may change things here, not only look
}

// to is an address under the office.
func (o office) to(path string) string { return o.Base + path }

// ownOffice is the office of the firm that asks. An officer may file for firms, but
// has none of its own.
func ownOffice(r *http.Request) (office, error) {
	at := web.Principal(r).Scope
	if at.Kind != auth.AtFirm {
		return office{}, fault.New(fault.Denied, "firmpages.no_office")
	}
	return office{Firm: at.ID, Base: "/firm", Acts: true}, nil
}

func deskOffice(r *http.Request) (office, error) {
	id := r.PathValue("firm")
	return office{Firm: id, Base: "/desk/resumption/" + id, Desk: true, Acts: web.May(r, workresume.MayDecide)}, nil
}

// rosterMost is the largest body of an upload: the file's 64 MiB and its form.
const rosterMost = 65 << 20

// How long an upload over a weak line, and a download of a large copy, may take.
const (
	uploadSlow   = 15 * time.Minute
	downloadSlow = 2 * time.Minute
)

// firmRoutes are the pages of a firm's own office.
func (p *pages) firmRoutes() web.Routes {
	file := web.Needs(workresume.MayFile)
	out := p.officeRoutes("/firm", ownOffice, file, file)
	return append(out,
		web.Route{Method: "GET", Path: "/firm", Handler: inOffice(ownOffice, p.firmHome), Access: file},
		web.Route{Method: "POST", Path: "/firm/seen", Handler: inOffice(ownOffice, p.firmSeen), Access: file, Input: seenInput{}},
	)
}

// officeRoutes are the pages a firm's office and an officer share; see and act are
// who may look and who may change.
func (p *pages) officeRoutes(base string, at func(*http.Request) (office, error), see, act web.Access) web.Routes {
	return append(append(p.watchRoutes(base, at, see, act), p.missingRoutes(base, at, see, act)...), web.Routes{
		{Method: "GET", Path: base + "/file", Handler: inOffice(at, p.firmShowFile), Access: act},
		{Method: "POST", Path: base + "/file", Handler: inOffice(at, p.firmFile), Access: act, Input: filingInput{}},
		{Method: "GET", Path: base + "/explanation", Handler: inOffice(at, p.explain), Access: see},
		{Method: "GET", Path: base + "/certificate", Handler: inOffice(at, p.certificate), Access: see},
		{Method: "GET", Path: base + "/roster", Handler: inOffice(at, p.firmRoster), Access: see},
		{Method: "POST", Path: base + "/roster", Handler: inOffice(at, p.importStart), Access: act, MaxBody: rosterMost, Slow: uploadSlow},
		{Method: "GET", Path: base + "/roster/template.xlsx", Handler: p.importTemplate, Access: see},
		{Method: "POST", Path: base + "/roster/leave", Handler: inOffice(at, p.firmLeave), Access: act, Input: peopleInput{}},
		{Method: "POST", Path: base + "/roster/return", Handler: inOffice(at, p.firmReturn), Access: act, Input: peopleInput{}},
		{Method: "POST", Path: base + "/roster/codes", Handler: inOffice(at, p.firmCodes), Access: act, Input: peopleInput{}},
		{Method: "POST", Path: base + "/roster/reviews", Handler: inOffice(at, p.firmAsk), Access: act, Input: askInput{}},
		{Method: "GET", Path: base + "/people/{person}", Handler: inOffice(at, p.firmPerson), Access: see},
		{Method: "POST", Path: base + "/people/{person}", Handler: inOffice(at, p.firmReveal), Access: act, Input: revealInput{}},
		{Method: "GET", Path: base + "/imports/{import}", Handler: inOffice(at, p.importShow), Access: see},
		{Method: "POST", Path: base + "/imports/{import}/cancel", Handler: inOffice(at, p.importCancel), Access: act, Input: struct{}{}},
		{Method: "GET", Path: base + "/imports/{import}/marked.xlsx", Handler: inOffice(at, p.importMarked), Access: act, Slow: downloadSlow},
	}...)
}

// inOffice runs a page in its office.
func inOffice(at func(*http.Request) (office, error), page func(http.ResponseWriter, *http.Request, office) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := at(r)
		if err != nil {
			return err
		}
		return page(w, r, o)
	}
}

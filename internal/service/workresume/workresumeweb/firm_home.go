package workresumeweb

import (
	"net/http"
	"slices"
	"time"

	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// firmHomeData is a firm's own file as its office sees it.
type firmHomeData struct {
	office
	Firm    workresume.Firm
	Pack    *rule.Pack
	Notices []workresume.Notice
	Now     time.Time
	Case    firmCaseData
}

func (p *pages) firmHome(w http.ResponseWriter, r *http.Request, o office) error {
	ctx, by := r.Context(), web.Principal(r)
	f, err := p.Firm(ctx, by, o.Firm)
	if err != nil {
		return err
	}
	told, err := p.Notices(ctx, by, o.Firm)
	if err != nil {
		return err
	}
	d := firmHomeData{office: o, Firm: f, Pack: p.Rules(), Notices: told, Now: p.Now()}
	if d.Case, err = p.caseOfFirm(r, o, f.Decision); err != nil {
		return err
	}
	return web.Render(w, r, firmHomeView(web.From(r), d))
}

// seenInput puts notices away up to and including one.
type seenInput struct {
	UpTo string `form:"up_to" json:"up_to" max:"60"`
}

func (p *pages) firmSeen(w http.ResponseWriter, r *http.Request, o office) error {
	var in seenInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	if err := p.MarkSeen(r.Context(), web.Principal(r), o.Firm, in.UpTo); err != nil {
		return err
	}
	return web.Done(w, r, o.Base, in)
}

// firmState is a state's shape and colour.
func firmState(s workresume.State) ui.State {
	switch s {
	case workresume.Certified:
		return ui.Valid
	case workresume.Returned:
		return ui.Warn
	case workresume.Refused:
		return ui.Stop
	case workresume.Unfiled:
	}
	return ui.Wait
}

// firmStep is the one next thing to do, as an address and a message.
func (d firmHomeData) firmStep() (href, text string) {
	f := d.Firm
	switch {
	case f.State == workresume.Certified && f.Certificate.Standing(d.Now):
		return d.to("/certificate"), "firmpages.step_certificate"
	case f.State == workresume.Certified && f.Watch == workresume.Suspended:
		return d.to("/promise"), "watchpages.step_mend"
	case f.State == workresume.Certified:
		return d.to("/file"), "firmpages.step_renew"
	case f.Filing == nil:
		return d.to("/file"), "firmpages.step_file"
	case f.Decision != nil && len(f.Decision.Findings) > 0:
		if i := slices.IndexFunc(f.Decision.Findings, func(x rule.Finding) bool { return x.Failed == "" }); i >= 0 {
			return d.mend(f.Decision.Findings[i].Rule)
		}
		return d.to("/explanation"), "policypages.explain_link" // only rules that failed: an officer has it
	}
	return d.to("/file"), "firmpages.step_correct"
}

// mend is where what a rule found can be put right.
func (o office) mend(rule string) (href, text string) {
	switch rule {
	case "roster-present", "roster-complete":
		return o.to("/roster"), "firmpages.step_roster"
	case "negative-list", "industry-known":
		return o.to("/file#f-industry"), "firmpages.step_correct"
	case "class-chosen":
		return o.to("/file#f-class"), "firmpages.step_correct"
	case "promise-signed":
		return o.to("/file#f-promise"), "firmpages.step_correct"
	case "headcount-declared":
		return o.to("/file#f-declared_headcount"), "firmpages.step_correct"
	case "masks", "thermometers":
		return o.to("/file#f-" + rule), "firmpages.step_correct"
	case "disinfectant":
		return o.to("/file#f-disinfectant_litres"), "firmpages.step_correct"
	case "isolation-rooms":
		return o.to("/file#f-isolation_rooms"), "firmpages.step_correct"
	}
	return o.to("/file"), "firmpages.step_correct"
}

// firmSays is the sentence beside the state.
func firmSays(f workresume.Firm, now time.Time) string {
	switch {
	case f.Override != nil:
		return "firmpages.says_officer"
	case f.State == workresume.Certified && f.Watch == workresume.Suspended:
		return "watchpages.says_suspended"
	case f.State == workresume.Certified && !f.Certificate.Standing(now):
		return "firmpages.says_lapsed"
	case f.State == workresume.Returned && f.Watch != workresume.Withdrawn && f.Roster == 0:
		return "firmpages.says_roster"
	}
	return "firmpages.says_" + string(f.State)
}

// firmWord is the word for a file's state.
func firmWord(f workresume.Firm) string {
	if f.State == workresume.Returned && f.Override == nil && f.Watch != workresume.Withdrawn {
		return "workresume.state.incomplete"
	}
	return "workresume.state." + string(f.State)
}

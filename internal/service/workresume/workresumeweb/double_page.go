package workresumeweb

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/dual"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/second"
	"breakwater/internal/web/ui"
)

const doublesBase = "/desk/doubles"

// doubleRoutes are an officer's pages about records that may be of one person. The
// list reads everybody, so it gives way to a crowd as the board does.
func (p *pages) doubleRoutes() web.Routes {
	may := web.Needs(workresume.MayMerge)
	const pair, same = doublesBase + "/{first}/{second}", "/desk/people/{person}/same"
	return web.Routes{
		{Method: "GET", Path: doublesBase, Handler: p.doubleList, Access: may, Class: admission.Statistics, Twin: "listDoubles"},
		{Method: "GET", Path: pair, Handler: p.doublePair, Access: may},
		{Method: "POST", Path: pair, Handler: p.doubleMerge, Access: may, Input: sayWhyInput{}, Twin: "mergePeople"},
		{Method: "GET", Path: same, Handler: p.doublePerson, Access: may},
		{Method: "POST", Path: same, Handler: p.doubleSplit, Access: may, Input: sayWhyInput{}, Twin: "splitPeople"},
	}
}

// sayWhyInput is a reason that both people and the log are told.
type sayWhyInput struct {
	Reason string `form:"reason" json:"reason" max:"500"`
}

func (p *pages) doubleList(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Doubles(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, doubleListView(web.From(r), list))
}

// comparing is the pair in the address, or where it leads if it is one person already.
func (p *pages) comparing(r *http.Request) (workresume.Pair, error) {
	return p.ComparePeople(r.Context(), web.Principal(r), r.PathValue("first"), r.PathValue("second"))
}

func (p *pages) doublePair(w http.ResponseWriter, r *http.Request) error {
	d, err := p.comparing(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, doublePairView(web.From(r), d, web.Blank(r)))
}

func (p *pages) doubleMerge(w http.ResponseWriter, r *http.Request) error {
	var in sayWhyInput
	err := web.Decode(r, &in)
	d, failed := p.comparing(r)
	if failed != nil {
		return failed
	}
	var act dual.Act
	if err == nil {
		act, err = p.MergePeople(r.Context(), web.Principal(r), workresume.MergeInput{
			First: r.PathValue("first"), Second: r.PathValue("second"), Reason: in.Reason, Key: web.Once(r, "mergePeople", in),
		})
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return doublePairView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Wait, "doublepages.asked", "")
	return web.Done(w, r, "/desk/second/"+act.ID, api.ActOf(act))
}

func (p *pages) doublePerson(w http.ResponseWriter, r *http.Request) error {
	d, err := p.PersonOf(r.Context(), web.Principal(r), r.PathValue("person"))
	if err != nil {
		return err
	}
	return web.Render(w, r, doublePersonView(web.From(r), r.PathValue("person"), d, web.Blank(r)))
}

func (p *pages) doubleSplit(w http.ResponseWriter, r *http.Request) error {
	var in sayWhyInput
	err := web.Decode(r, &in)
	person := r.PathValue("person")
	d, failed := p.PersonOf(r.Context(), web.Principal(r), person)
	if failed != nil {
		return failed
	}
	var ids []string
	if err == nil {
		ids, err = p.SplitPeople(r.Context(), web.Principal(r), workresume.SplitInput{Person: person, Reason: in.Reason, Key: web.Once(r, "splitPeople", in)})
	}
	if err != nil {
		return web.Again(err, func(f *ui.Form) templ.Component { return doublePersonView(web.From(r), person, d, f) })
	}
	web.Flash(w, r, ui.Valid, "doublepages.apart", "")
	return web.Done(w, r, doublesBase, apiSplit{ids})
}

// TellMerge puts two records that shall be one person into words for the desk of acts.
func TellMerge(s *workresume.Service) second.Teller {
	return func(ctx context.Context, p *ui.Page, by auth.Principal, a dual.Act) (second.Told, error) {
		var b workresume.MergeBody
		if err := json.Unmarshal(a.Body, &b); err != nil {
			return second.Told{}, err
		}
		d, err := s.ComparePeople(ctx, by, b.First, b.Second)
		if err != nil {
			return second.Told{}, err
		}
		told := second.Told{Href: pairHref(d)}
		for i, x := range d.Records {
			told.Facts = append(told.Facts, ui.Fact{Term: p.T("doublepages.record", "n", i+1), Text: x.Name + " · " + x.IDNumber + " · " + rosterWord(p, x)})
		}
		return told, nil
	}
}

func pairHref(d workresume.Pair) string {
	return doublesBase + "/" + d.Records[0].ID + "/" + d.Records[1].ID
}

func sameHref(person string) string { return "/desk/people/" + person + "/same" }

func rosterWord(p *ui.Page, x workresume.PersonRecord) string {
	if x.Firm == "" {
		return p.T("doublepages.no_roster")
	}
	return x.FirmName
}

// recordFacts are what two records are compared by.
func recordFacts(p *ui.Page, x workresume.PersonRecord) []ui.Fact {
	phone := x.Phone
	if phone == "" {
		phone = "–"
	}
	reports := p.T("doublepages.days_none")
	if x.Days > 0 {
		reports = p.T("doublepages.days", "n", x.Days, "day", x.Last)
	}
	out := []ui.Fact{
		{Term: p.T("party.kind." + x.IDKind), Text: x.IDNumber},
		{Term: p.T("doublepages.phone"), Text: phone},
		{Term: p.T("doublepages.roster"), Text: rosterWord(p, x)},
		{Term: p.T("doublepages.reports"), Text: reports},
	}
	if x.Level != "" {
		out = append(out, ui.Fact{Term: p.T("healthpages.restriction"), Text: p.T("doublepages.held", "time", p.DateTime(x.Held))})
	}
	if !x.Since.IsZero() {
		out = append(out, ui.Fact{Term: p.T("doublepages.since"), Text: p.DateTime(x.Since)})
	}
	return out
}

// codeBadge is what a record's code says at a gate, without the reason.
func codeBadge(s workresume.CodeState) ui.State {
	switch s {
	case workresume.CodeValid:
		return ui.Valid
	case workresume.CodeWaiting:
		return ui.Wait
	case workresume.CodeStopped:
	}
	return ui.Stop
}

func doubleColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("gatepages.name"), Title: true},
		{Label: p.T("doublepages.record", "n", 1)},
		{Label: p.T("doublepages.record", "n", 2)},
		{Label: p.T("doublepages.alike")},
	}
}

func wholeColumns(p *ui.Page) []ui.Column {
	return []ui.Column{
		{Label: p.T("gatepages.name"), Title: true},
		{Label: p.T("doublepages.records")},
		{Label: p.T("doublepages.since")},
	}
}

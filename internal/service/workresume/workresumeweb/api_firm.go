package workresumeweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/clock"
	"breakwater/internal/i18n"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/rule"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

// apiResumption is a firm's file.
type apiResumption struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	CreditCode  string           `json:"credit_code"`
	Park        string           `json:"park" doc:"Place id; empty for a firm in no park."`
	State       workresume.State `json:"state" enum:"unfiled,returned,certified,refused"`
	Since       time.Time        `json:"since" doc:"When the file came into this state."`
	Filing      *apiFiling       `json:"filing" doc:"The latest filing; null before the first."`
	Roster      int64            `json:"roster" doc:"People on the roster now."`
	Refusals    int64            `json:"rows_refused" doc:"Rows refused in the latest roster file."`
	Reviews     int64            `json:"reviews_open" doc:"People another firm's roster has, not yet settled."`
	Decision    *apiDecision     `json:"decision" doc:"The rules' latest answer; null before the first filing."`
	Override    *apiOverride     `json:"override" doc:"The officer's word that stands instead; null if none does."`
	Certificate *apiCertificate  `json:"certificate" doc:"Null unless certified."`
}

type apiFiling struct {
	Class          workresume.Class `json:"class" enum:"priority,early,continuous,other"`
	Industry       string           `json:"industry"`
	Promise        bool             `json:"promise"`
	Signatory      string           `json:"signatory"`
	Declared       int64            `json:"declared_headcount" doc:"Without those who left since: it follows the roster down, and up again to filed_headcount."`
	Filed          int64            `json:"filed_headcount" doc:"As the firm filed it."`
	Masks          int64            `json:"masks"`
	Thermometers   int64            `json:"thermometers"`
	Disinfectant   int64            `json:"disinfectant_litres"`
	IsolationRooms int64            `json:"isolation_rooms"`
	Start          string           `json:"start,omitempty" format:"date" doc:"First day of work, in the district."`
	At             time.Time        `json:"filed_at"`
}

// apiDecision is what the rules said, in the caller's language.
type apiDecision struct {
	Pack     string       `json:"pack"`
	Version  string       `json:"version"`
	Title    string       `json:"title"`
	Outcome  rule.Verdict `json:"outcome" enum:"certified,returned,refused"`
	Findings []apiFinding `json:"findings" doc:"The one complete list of what stands in the way, gravest first."`
}

type apiFinding struct {
	Rule    string       `json:"rule"`
	Outcome rule.Outcome `json:"outcome"`
	Reason  string       `json:"reason"`
	Mend    string       `json:"mend" doc:"What to do about it."`
	Basis   string       `json:"basis"`
	Missing []string     `json:"missing" doc:"Facts without which the rule could not tell."`
}

type apiOverride struct {
	State  workresume.State `json:"state" enum:"returned,certified,refused"`
	Reason string           `json:"reason"`
	By     string           `json:"by" doc:"Account id."`
	At     time.Time        `json:"at"`
}

type apiCertificate struct {
	ID         string    `json:"id"`
	Code       string    `json:"code" doc:"Of the public page; may be read aloud."`
	Credential string    `json:"credential" doc:"Signed text of the door's QR."`
	URL        string    `json:"url" doc:"The public page."`
	Issued     time.Time `json:"issued"`
	Until      time.Time `json:"until"`
}

// shown is a firm's file in the caller's language.
func (p *resumptionAPI) shown(f workresume.Firm, say *i18n.Printer) apiResumption {
	out := apiResumption{
		ID: f.ID, Name: f.Name, CreditCode: f.CreditCode, Park: f.Park, State: f.State, Since: f.Since,
		Roster: f.Roster, Refusals: f.Refusals, Reviews: f.Reviews,
	}
	if v := f.Filing; v != nil {
		out.Filing = &apiFiling{v.Class, v.Industry, v.Promise, v.Signatory, v.Declared, v.Filed(), v.Masks, v.Thermometers, v.Disinfectant, v.IsolationRooms, v.Start, v.At}
	}
	if f.Decision != nil {
		e := f.Decision.Explain(string(say.Lang()))
		d := &apiDecision{Pack: e.Pack, Version: e.Version, Title: e.Title, Outcome: e.Outcome, Findings: []apiFinding{}}
		for _, x := range e.Points {
			d.Findings = append(d.Findings, apiFinding{x.Rule, x.Outcome, x.Reason, x.Mend, x.Basis, append([]string{}, x.Missing...)})
		}
		out.Decision = d
	}
	if o := f.Override; o != nil {
		out.Override = &apiOverride{o.State, o.Reason, o.By, o.At}
	}
	if c := f.Certificate; c != nil {
		out.Certificate = p.certificate(c)
	}
	return out
}

func (p *resumptionAPI) certificate(c *workresume.Certificate) *apiCertificate {
	return &apiCertificate{c.ID, c.Code, c.Text, p.PageURL(c.Code), c.Issued, c.Until}
}

func (p *resumptionAPI) addFirms(a *api.API) {
	const group = "firms"
	api.Add(a, important(admission.Statistics, get("listFirms", "/firms", group, workresume.MayBrowse)), p.listFirms)
	api.Add(a, post("registerFirm", "/firms", group, workresume.MayRegister), p.registerFirm)
	api.Add(a, get("getResumption", "/firms/{firm}", group, workresume.MaySee), p.getResumption)
	api.Add(a, post("fileResumption", "/firms/{firm}/filing", group, workresume.MayFile), p.fileResumption)
	api.Add(a, post("decideResumption", "/firms/{firm}/decision", group, workresume.MayDecide), p.decideResumption)
	api.Add(a, post("parkFirm", "/firms/{firm}/park", group, workresume.MayPark), p.parkFirm)
	api.Add(a, get("listFacts", "/firms/{firm}/facts", group, workresume.MaySee), p.listFacts)
	api.Add(a, get("listNotices", "/firms/{firm}/notices", group, workresume.MaySee), p.listNotices)
	api.Add(a, post("markNoticesSeen", "/firms/{firm}/notices/seen", group, workresume.MayFile), p.markNoticesSeen)
	api.Add(a, important(admission.Statistics, get("districtSummary", "/summary", group, workresume.MaySummary)), p.districtSummary)
	api.Add(a, api.Op{ID: "getCertificate", Method: http.MethodGet, Path: "/certificates/{code}", Group: group, Access: web.Public, Class: admission.Result}, p.getCertificate)
}

type apiFirmInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
}

func (p *resumptionAPI) getResumption(ctx context.Context, c api.Call, in *apiFirmInput) (apiResumption, error) {
	var f workresume.Firm
	var err error
	if strings.HasPrefix(in.Firm, "fir_") {
		f, err = p.Firm(ctx, c.By, in.Firm)
	} else {
		f, err = p.FirmByCode(ctx, c.By, in.Firm)
	}
	return p.shown(f, c.Say), err
}

type apiFileInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		Class          workresume.Class `json:"class" enum:"priority,early,continuous,other"`
		Industry       string           `json:"industry" doc:"One of the rule pack's options."`
		Promise        bool             `json:"promise" doc:"The promise is signed."`
		Signatory      string           `json:"signatory,omitempty" max:"200" maxLength:"200"`
		Declared       int64            `json:"declared_headcount" minimum:"1" maximum:"10000000" doc:"People who will work on site."`
		Masks          int64            `json:"masks,omitempty" minimum:"0" maximum:"10000000"`
		Thermometers   int64            `json:"thermometers,omitempty" minimum:"0" maximum:"10000000"`
		Disinfectant   int64            `json:"disinfectant_litres,omitempty" minimum:"0" maximum:"10000000"`
		IsolationRooms int64            `json:"isolation_rooms,omitempty" minimum:"0" maximum:"10000000"`
		Start          string           `json:"start,omitempty" maxLength:"10" doc:"First day of work, 2006-01-02; left out, it stays as filed before, or is the first day the policy allows."`
	}
}

func (p *resumptionAPI) fileResumption(ctx context.Context, c api.Call, in *apiFileInput) (apiResumption, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiResumption{}, err
	}
	b := in.Body
	f, err := p.File(ctx, c.By, workresume.FileInput{Firm: firm, Key: c.Key, Filing: workresume.Filing{
		Class: b.Class, Industry: b.Industry, Promise: b.Promise, Signatory: b.Signatory, Declared: b.Declared,
		Masks: b.Masks, Thermometers: b.Thermometers, Disinfectant: b.Disinfectant, IsolationRooms: b.IsolationRooms, Start: b.Start,
	}})
	return p.shown(f, c.Say), err
}

type apiDecideInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		State  *string `json:"state" nullable:"false" enum:"certified,returned,refused," doc:"Empty hands the file back to the rules."`
		Reason string  `json:"reason" max:"1000" minLength:"2" maxLength:"1000" doc:"Kept, and told to the firm."`
	}
}

// decideResumption wants the state said, be it empty: leaving it out must not
// hand a file back.
func (p *resumptionAPI) decideResumption(ctx context.Context, c api.Call, in *apiDecideInput) (apiResumption, error) {
	if in.Body.State == nil {
		return apiResumption{}, missing("state", "workresume.state_unknown")
	}
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiResumption{}, err
	}
	f, err := p.Decide(ctx, c.By, workresume.DecideInput{Firm: firm, State: workresume.State(*in.Body.State), Reason: in.Body.Reason, Key: c.Key})
	return p.shown(f, c.Say), err
}

type apiRegisterInput struct {
	Body struct {
		CreditCode string `json:"credit_code" doc:"GB 32100, 18 characters."`
		Name       string `json:"name,omitempty" max:"100" maxLength:"100" doc:"The credit code stands for it if absent."`
		Park       string `json:"park,omitempty" doc:"Place id; an officer of a park may leave it out."`
	}
}

func (p *resumptionAPI) registerFirm(ctx context.Context, c api.Call, in *apiRegisterInput) (apiResumption, error) {
	b := in.Body
	if b.Park == "" && c.By.Scope.Kind == auth.AtPark {
		b.Park = c.By.Scope.ID
	}
	f, err := p.Register(ctx, c.By, workresume.RegisterInput{CreditCode: b.CreditCode, Name: b.Name, Park: b.Park, Key: c.Key})
	return p.shown(f, c.Say), err
}

type apiParkInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		Park *string `json:"park" nullable:"false" doc:"Place id; empty for no park."`
	}
}

// parkFirm wants the park said, be it empty, as decideResumption does its state.
func (p *resumptionAPI) parkFirm(ctx context.Context, c api.Call, in *apiParkInput) (apiResumption, error) {
	if in.Body.Park == nil {
		return apiResumption{}, missing("park", "workresume.park_unknown")
	}
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiResumption{}, err
	}
	f, err := p.Park(ctx, c.By, workresume.ParkInput{Firm: firm, Park: *in.Body.Park, Key: c.Key})
	return p.shown(f, c.Say), err
}

type apiFirmsInput struct {
	Query string `query:"q" doc:"Part of a name, or the start of a credit code."`
	State string `query:"state" enum:"unfiled,returned,certified,refused"`
	Class string `query:"class" enum:"priority,early,continuous,other"`
	Park  string `query:"park" doc:"Place id."`
	After string `query:"after" doc:"The next of the page before."`
}

type apiFirms struct {
	Firms []apiFirmLine `json:"firms"`
	Next  string        `json:"next" doc:"Send it as after for the next page; empty at the end."`
}

type apiFirmLine struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	CreditCode string           `json:"credit_code"`
	Park       string           `json:"park"`
	State      workresume.State `json:"state" enum:"unfiled,returned,certified,refused"`
	Since      time.Time        `json:"since"`
	Class      workresume.Class `json:"class" doc:"Empty before the first filing."`
	Declared   int64            `json:"declared_headcount"`
	Roster     int64            `json:"roster"`
	Reviews    int64            `json:"reviews_open"`
}

func (p *resumptionAPI) listFirms(ctx context.Context, c api.Call, in *apiFirmsInput) (apiFirms, error) {
	list, next, err := p.Firms(ctx, c.By, workresume.FirmFilter{
		Query: in.Query, State: workresume.State(in.State), Class: workresume.Class(in.Class), Park: in.Park, After: in.After,
	})
	out := apiFirms{Firms: make([]apiFirmLine, len(list)), Next: next}
	for i, l := range list {
		out.Firms[i] = apiFirmLine{l.ID, l.Name, l.CreditCode, l.Park, l.State, clock.FromMicros(l.Since), l.Class, l.Declared, l.Roster, l.Reviews}
	}
	return out, err
}

type apiFacts struct {
	Facts []apiFact `json:"facts" doc:"Newest first, at most 200."`
}

type apiFact struct {
	ID    string    `json:"id" doc:"For getProof."`
	Name  string    `json:"name"`
	Title string    `json:"title"`
	Seq   *int64    `json:"seq" doc:"Place in the log from 1; null while it has none."`
	At    time.Time `json:"at"`
}

// listFacts is a firm's story without what each fact says: enough to have any of
// it proved.
func (p *resumptionAPI) listFacts(ctx context.Context, c api.Call, in *apiFirmInput) (apiFacts, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiFacts{}, err
	}
	if _, err := p.Firm(ctx, c.By, firm); err != nil {
		return apiFacts{}, err
	}
	recs, err := p.Log.Stream(ctx, "firm:"+firm, 200)
	out := apiFacts{Facts: make([]apiFact, len(recs))}
	for i, r := range recs {
		f := apiFact{ID: r.ID, Name: r.Name, Title: r.Name, At: r.At}
		if key := "fact." + r.Name; c.Say.Has(key) {
			f.Title = c.Say.T(key)
		}
		if r.Seq > 0 {
			f.Seq = &r.Seq
		}
		out.Facts[i] = f
	}
	return out, err
}

type apiNotices struct {
	Notices []apiNotice `json:"notices" doc:"Not yet seen, newest first, at most 20."`
}

type apiNotice struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Code string    `json:"code"`
	Text string    `json:"text"`
}

func (p *resumptionAPI) listNotices(ctx context.Context, c api.Call, in *apiFirmInput) (apiNotices, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiNotices{}, err
	}
	list, err := p.Notices(ctx, c.By, firm)
	out := apiNotices{Notices: make([]apiNotice, len(list))}
	for i, n := range list {
		out.Notices[i] = apiNotice{n.ID, n.At, n.Code, c.Say.Args(n.Code, filled(n.Args))}
	}
	return out, err
}

type apiSeenInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		UpTo string `json:"up_to" doc:"Id of the newest notice that was seen."`
	}
}

// markNoticesSeen answers what is left. Doing it twice changes nothing.
func (p *resumptionAPI) markNoticesSeen(ctx context.Context, c api.Call, in *apiSeenInput) (apiNotices, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiNotices{}, err
	}
	if err := p.claim(ctx, c); err != nil {
		return apiNotices{}, err
	}
	if err := p.MarkSeen(ctx, c.By, firm, in.Body.UpTo); err != nil {
		return apiNotices{}, err
	}
	return p.listNotices(ctx, c, &apiFirmInput{Firm: firm})
}

// apiSummary is the district in seven numbers.
type apiSummary struct {
	Firms     int64     `json:"firms"`
	Workers   int64     `json:"workers" doc:"People on rosters."`
	Filed     int64     `json:"filed" doc:"Firms that ever filed."`
	Certified int64     `json:"certified"`
	Refused   int64     `json:"refused"`
	Back      int64     `json:"back" doc:"People on the rosters of firms certified now."`
	AsOf      time.Time `json:"as_of" doc:"At most a second ago while things happen."`
}

func (p *resumptionAPI) districtSummary(ctx context.Context, c api.Call, _ *struct{}) (apiSummary, error) {
	s, err := p.DistrictSummary(ctx, c.By)
	return apiSummary(s), err
}

type apiCodeInput struct {
	Code string `path:"code" doc:"The eight characters on the certificate."`
}

// apiPublic is what anyone may see of a firm.
type apiPublic struct {
	Name        string           `json:"name"`
	CreditCode  string           `json:"credit_code"`
	Class       workresume.Class `json:"class" enum:"priority,early,continuous,other"`
	State       workresume.State `json:"state" enum:"unfiled,returned,certified,refused" doc:"Of the firm now."`
	Valid       bool             `json:"valid" doc:"The certificate asked for holds now."`
	Ended       *time.Time       `json:"ended" doc:"When the certificate stopped standing; null while it does."`
	Certificate *apiCertificate  `json:"certificate"`
}

func (p *resumptionAPI) getCertificate(ctx context.Context, _ api.Call, in *apiCodeInput) (apiPublic, error) {
	f, err := p.ByCertificate(ctx, in.Code)
	if err != nil {
		return apiPublic{}, err
	}
	return apiPublic{f.Name, f.CreditCode, f.Class, f.State, f.Certificate.Standing(p.Clock()), moment(f.Certificate.Ended), p.certificate(f.Certificate)}, nil
}

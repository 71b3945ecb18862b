package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addWatch(a *api.API) {
	api.Add(a, get("firmWatch", "/firms/{firm}/watch", "firms", workresume.MaySee), p.firmWatch)
	api.Add(a, post("reportStock", "/firms/{firm}/stock", "firms", workresume.MayFile), p.reportStock)
	api.Add(a, get("listFlags", "/flags", "firms", workresume.MayBrowse), p.listFlags)
	meters := post("importMeterReadings", "/meters", "firms", workresume.MayMeter)
	meters.MaxBody = metersMost
	api.Add(a, meters, p.importMeters)
}

// apiFlag is one rule of the promise that facts contradict.
type apiFlag struct {
	Rule   string     `json:"rule"`
	Level  string     `json:"level" enum:"noted,warned,suspended,withdrawn" doc:"Noted has no consequence yet."`
	Began  time.Time  `json:"began"`
	Raised time.Time  `json:"raised" doc:"To this level."`
	Gone   *time.Time `json:"gone" doc:"Since when the facts are right again; the flag goes once they have been for the time the pack names."`
	Reason string     `json:"reason"`
	Mend   string     `json:"mend"`
	By     string     `json:"version" doc:"Of the promise that it speaks by; empty for a flag of before versions were kept."`
}

func apiFlagOf(g workresume.Flag, say *i18n.Printer) apiFlag {
	level, lang := string(g.Level), string(say.Lang())
	if g.Level == workresume.PromiseKept {
		level = "noted"
	}
	return apiFlag{g.Rule, level, g.Began, g.Raised, moment(g.Gone), g.Finding.Reason.In(lang), g.Finding.Mend.In(lang), g.Version}
}

// watchName is a step as programs read it.
func watchName(w workresume.Watch) string {
	if w == workresume.PromiseKept {
		return "kept"
	}
	return string(w)
}

type apiWatch struct {
	Firm  string     `json:"firm"`
	State string     `json:"state" enum:"kept,warned,suspended,withdrawn"`
	Since *time.Time `json:"since"`
	Lines []apiLine  `json:"lines" doc:"Empty for the first seconds after the server began."`
	Flags []apiFlag  `json:"flags"`
	AsOf  time.Time  `json:"as_of"`
	By    string     `json:"version" doc:"Of the promise in force, which firms are held against."`
}

type apiLine struct {
	Name     string `json:"name" enum:"people_inside,people_today,strangers_today,supply_days,load_percent,reported_today,red_inside,asked_today"`
	Promised *int64 `json:"promised" doc:"Null where nothing is known."`
	Measured *int64 `json:"measured" doc:"Null where nothing is known."`
}

type apiWatchInput struct {
	Firm string `path:"firm" doc:"The firm's id or credit code."`
}

func (p *resumptionAPI) firmWatch(ctx context.Context, c api.Call, in *apiWatchInput) (apiWatch, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiWatch{}, err
	}
	d, err := p.Compare(ctx, c.By, firm)
	out := apiWatch{firm, watchName(d.Firm.Watch), moment(d.Firm.Watched), make([]apiLine, len(d.Lines)), make([]apiFlag, len(d.Flags)), d.AsOf, d.Version}
	for i, l := range d.Lines {
		out.Lines[i] = apiLine{l.Name, l.Promised, l.Measured}
	}
	for i, g := range d.Flags {
		out.Flags[i] = apiFlagOf(g, c.Say)
	}
	return out, err
}

type apiStockInput struct {
	Firm string `path:"firm" doc:"The firm's id or credit code."`
	Body struct {
		Masks int64 `form:"masks" json:"masks" minimum:"0" maximum:"10000000" doc:"Pieces in stock now."`
	}
}

type apiStock struct {
	Masks int64     `json:"masks"`
	At    time.Time `json:"at"`
}

func (p *resumptionAPI) reportStock(ctx context.Context, c api.Call, in *apiStockInput) (apiStock, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiStock{}, err
	}
	s, err := p.ReportStock(ctx, c.By, workresume.StockInput{Firm: firm, Masks: in.Body.Masks, Key: c.Key})
	return apiStock{s.Masks, s.At}, err
}

type apiFlagsInput struct {
	Level string `query:"level" enum:"warned,suspended,withdrawn" doc:"All if left out."`
	Rule  string `query:"rule"`
	Park  string `query:"park"`
	After string `query:"after" doc:"next of the page before."`
}

type apiFlags struct {
	Flags []apiFirmFlag `json:"flags" doc:"Gravest first, newest first among these."`
	Next  string        `json:"next" doc:"Empty on the last page."`
}

type apiFirmFlag struct {
	Firm       string           `json:"firm"`
	Name       string           `json:"name"`
	CreditCode string           `json:"credit_code"`
	Park       string           `json:"park"`
	State      workresume.State `json:"state" enum:"unfiled,returned,certified,refused"`
	Flag       apiFlag          `json:"flag"`
}

func (p *resumptionAPI) listFlags(ctx context.Context, c api.Call, in *apiFlagsInput) (apiFlags, error) {
	list, next, err := p.Flags(ctx, c.By, workresume.FlagFilter{Level: workresume.Watch(in.Level), Rule: in.Rule, Park: in.Park, After: in.After})
	out := apiFlags{make([]apiFirmFlag, len(list)), next}
	for i, g := range list {
		out.Flags[i] = apiFirmFlag{g.Firm, g.Name, g.CreditCode, g.Park, g.State, apiFlagOf(g.Flag, c.Say)}
	}
	return out, err
}

type apiMetersInput struct {
	Body struct {
		Readings []apiReading `json:"readings" minItems:"1" maxItems:"50000"`
	}
}

type apiReading struct {
	CreditCode string `json:"credit_code"`
	At         string `json:"at" doc:"2020-02-18 for a day, 2020-02-18 09:00 for an hour, in the district's time."`
	KWh        string `json:"kwh" doc:"As decimal text."`
	Normal     string `json:"normal_kwh,omitempty" doc:"kWh of a day of normal work; what is known stays if left out."`
}

type apiMeters struct {
	Taken  int64             `json:"taken"`
	Firms  int64             `json:"firms"`
	Faults []apiReadingFault `json:"faults"`
}

type apiReadingFault struct {
	Line   int    `json:"line" doc:"From 1, in the order sent."`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// importMeters may run again: a reading replaces itself.
func (p *resumptionAPI) importMeters(ctx context.Context, c api.Call, in *apiMetersInput) (apiMeters, error) {
	if err := p.claim(ctx, c); err != nil {
		return apiMeters{}, err
	}
	list := make([]workresume.Reading, len(in.Body.Readings))
	for i, r := range in.Body.Readings {
		list[i] = workresume.Reading{Line: i + 1, CreditCode: r.CreditCode, At: r.At, KWh: r.KWh, Normal: r.Normal}
	}
	got, err := p.ReadMeters(ctx, c.By, workresume.MetersInput{Readings: list})
	return apiMetersOf(got, c.Say), err
}

func apiMetersOf(got workresume.MetersResult, say *i18n.Printer) apiMeters {
	out := apiMeters{got.Taken, got.Firms, make([]apiReadingFault, len(got.Faults))}
	for i, f := range got.Faults {
		out.Faults[i] = apiReadingFault{f.Line, f.Code, say.T(f.Code)}
	}
	return out
}

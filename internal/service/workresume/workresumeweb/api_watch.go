package workresumeweb

import (
	"context"
	"crypto/sha256"
	"io"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addWatch(a *api.API) {
	api.Add(a, get("firmWatch", "/firms/{firm}/watch", "firms", workresume.MaySee), p.firmWatch)
	api.Add(a, post("reportStock", "/firms/{firm}/stock", "firms", workresume.MayFile), p.reportStock)
	api.Add(a, get("listFlags", "/flags", "firms", workresume.MayBrowse), p.listFlags)
	meters := post("importMeterReadings", "/meters", "firms", workresume.MayMeter)
	meters.Upload, meters.MaxBody, meters.Slow = true, metersMost, uploadSlow
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
	Name   string `query:"name" doc:"The file's name, where the body is the file itself: its end tells the kind."`
	DryRun bool   `query:"dry_run" doc:"Say what would be taken and change nothing."`
	Body   struct {
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
	DryRun  bool              `json:"dry_run"`
	Taken   int64             `json:"taken"`
	Refused int64             `json:"refused" doc:"Lines that were not taken; each has a fault or several."`
	Firms   int64             `json:"firms"`
	ByHours int64             `json:"by_hours" doc:"Days of firms that have a row for the day and rows for hours, in this file or from before: the hours count."`
	Faults  []apiReadingFault `json:"faults"`
}

type apiReadingFault struct {
	Line   int    `json:"line" doc:"In the file as Excel shows it, or from 1 in the order sent."`
	Field  string `json:"field" enum:"credit_code,at,kwh,normal_kwh"`
	Column string `json:"column" doc:"The column's letter and heading as the file has them; empty for JSON."`
	Value  string `json:"value" doc:"Of the file's cell; long numbers masked."`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// importMeters may run again: a reading replaces itself. The body is JSON, or a file as
// the power desk's page takes it.
func (p *resumptionAPI) importMeters(ctx context.Context, c api.Call, in *apiMetersInput) (apiMeters, error) {
	var file meterFile
	dry := in.DryRun
	if c.File() {
		up, err := web.Receive(c.R, "file")
		if err != nil {
			return apiMeters{}, err
		}
		sum := sha256.New() // the key is bound to every byte of the file
		if file, err = readMeterFile(io.TeeReader(up, sum), up.Name); err != nil {
			return apiMeters{}, err
		}
		v := up.Values.Get("dry_run")
		dry = dry || v == "true" || v == "1" || v == "on"
		c.Key.Digest = once.Digest([]byte(c.R.URL.Path), []byte(strconv.FormatBool(dry)), sum.Sum(nil))
	}
	for i, r := range in.Body.Readings {
		file.readings = append(file.readings, workresume.Reading{Line: i + 1, CreditCode: r.CreditCode, At: r.At, KWh: r.KWh, Normal: r.Normal})
	}
	if err := p.claim(ctx, c); err != nil {
		return apiMeters{}, err
	}
	got, err := p.ReadMeters(ctx, c.By, workresume.MetersInput{Readings: file.readings, DryRun: dry})
	return apiMetersOf(got, file.faults(got.Faults), c.Say), err
}

func apiMetersOf(got workresume.MetersResult, faults []meterFault, say *i18n.Printer) apiMeters {
	out := apiMeters{got.DryRun, got.Taken, got.Refused, got.Firms, got.ByHours, make([]apiReadingFault, len(faults))}
	for i, f := range faults {
		out.Faults[i] = apiReadingFault{f.Line, f.Field, strings.TrimSpace(f.Letter + " " + f.Heading), f.Value, f.Code, say.T(f.Code, "first", f.First)}
	}
	return out
}

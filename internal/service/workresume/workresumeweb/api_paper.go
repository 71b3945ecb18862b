package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addPaper(a *api.API) {
	const group = "health"
	api.Add(a, get("listPaper", "/paper", group, workresume.MayPaper), p.listPaper)
	api.Add(a, post("printPaper", "/paper", group, workresume.MayPaper), p.printPaper)
	api.Add(a, get("getPaper", "/paper/{sheet}", group, workresume.MayPaper), p.getPaper)
	api.Add(a, post("typePaper", "/paper/{sheet}/reports", group, workresume.MayPaper), p.typePaper)
}

// apiSheets are the pages of one printing, or those an office finds.
type apiSheets struct {
	Printing string     `json:"printing" doc:"Of pages printed together; empty in a list."`
	Sheets   []apiSheet `json:"sheets"`
}

type apiSheet struct {
	Number   string         `json:"number" doc:"As printed, with its check character."`
	Printing string         `json:"printing"`
	Page     int64          `json:"page"`
	Pages    int64          `json:"pages"`
	Firm     string         `json:"firm" doc:"Empty for people of a street, and for those whom an office helps."`
	Street   string         `json:"street" doc:"The place's id, for people who lodge there; else empty."`
	First    string         `json:"first_day"`
	Last     string         `json:"last_day"`
	Printed  time.Time      `json:"printed_at"`
	Typed    *time.Time     `json:"typed_at"`
	Lines    []apiSheetLine `json:"lines" doc:"Empty in a list."`
}

type apiSheetLine struct {
	Line int64         `json:"line"`
	Name string        `json:"name" doc:"Masked."`
	Told string        `json:"told_by" doc:"The end of a phone or a document, which tells two of one masked name apart."`
	Days []apiSheetDay `json:"days"`
}

type apiSheetDay struct {
	Day    string     `json:"day"`
	Way    string     `json:"way" enum:",own,helper,paper" doc:"By whose hand it is reported; empty for not yet. What was reported is the person's."`
	At     *time.Time `json:"at"`
	Closed string     `json:"closed" doc:"Why it cannot be typed in: a code; empty if it can."`
}

func apiSheetOf(x workresume.Sheet) apiSheet {
	out := apiSheet{x.Number, x.Printing, x.Page, x.Pages, x.Firm, x.Street, x.First, x.Last, x.Printed, moment(x.Typed), make([]apiSheetLine, len(x.Lines))}
	for i, l := range x.Lines {
		line := apiSheetLine{l.Line, l.Name, told(l.MaskedPerson), make([]apiSheetDay, len(l.Days))}
		for k, d := range l.Days {
			line.Days[k] = apiSheetDay{Day: d.Day, Way: string(d.Way), Closed: d.Closed}
			if d.Way != "" {
				line.Days[k].At = moment(d.At)
			}
		}
		out.Lines[i] = line
	}
	return out
}

func apiSheetsOf(printing string, list []workresume.Sheet) apiSheets {
	out := apiSheets{printing, make([]apiSheet, len(list))}
	for i, x := range list {
		out.Sheets[i] = apiSheetOf(x)
	}
	return out
}

func (p *resumptionAPI) listPaper(ctx context.Context, c api.Call, _ *struct{}) (apiSheets, error) {
	list, err := p.Sheets(ctx, c.By)
	return apiSheetsOf("", list), err
}

type apiPrintPaperInput struct {
	Body struct {
		Firm    string `json:"firm,omitempty" maxLength:"60" doc:"The firm's id or credit code. Neither firm nor street: the people whom your office helps."`
		Street  string `json:"street,omitempty" maxLength:"60" doc:"A street's id: the people who lodge there and have no report today. For officers of the district."`
		Missing bool   `json:"missing,omitempty" doc:"Only those of the firm without a report today."`
		First   string `json:"first" maxLength:"10" doc:"2006-01-02"`
		Days    int64  `json:"days" minimum:"1" maximum:"14"`
	}
}

func (p *resumptionAPI) printPaper(ctx context.Context, c api.Call, in *apiPrintPaperInput) (apiSheets, error) {
	b := in.Body
	if b.Firm != "" {
		firm, err := p.firmOf(ctx, c.By, b.Firm)
		if err != nil {
			return apiSheets{}, err
		}
		b.Firm = firm
	}
	printing, err := p.PrintPaper(ctx, c.By, workresume.PrintInput{Firm: b.Firm, Street: b.Street, Missing: b.Missing, First: b.First, Days: b.Days, Key: c.Key})
	if err != nil {
		return apiSheets{}, err
	}
	list, err := p.Printing(ctx, c.By, printing)
	return apiSheetsOf(printing, list), err
}

type apiPaperInput struct {
	Sheet string `path:"sheet" doc:"The number on the sheet, as anybody writes it."`
}

func (p *resumptionAPI) getPaper(ctx context.Context, c api.Call, in *apiPaperInput) (apiSheet, error) {
	x, err := p.SheetByNumber(ctx, c.By, in.Sheet)
	return apiSheetOf(x), nowhere(err)
}

type apiTypePaperInput struct {
	Sheet string `path:"sheet" doc:"The number on the sheet, as anybody writes it."`
	Body  struct {
		Rows []apiPaperRow `json:"rows" minItems:"1" maxItems:"28"`
	}
}

// apiPaperRow is one row; one that says nothing is one nobody filled in.
type apiPaperRow struct {
	Line        int64    `json:"line" minimum:"1"`
	Day         string   `json:"day" maxLength:"10" doc:"2006-01-02"`
	Well        bool     `json:"well,omitempty" doc:"Nothing new, said expressly."`
	Temperature float64  `json:"temperature,omitempty" doc:"Degrees Celsius, 34.0 to 43.0; leave out if not measured."`
	Symptoms    []string `json:"symptoms,omitempty" maxItems:"5" doc:"fever, cough, breath, fatigue, diarrhoea; none if left out."`
	Contact     bool     `json:"contact,omitempty" doc:"With a case."`
}

// apiTyped is what came of a sheet: good rows are kept, whatever is wrong with others.
type apiTyped struct {
	Kept      int64           `json:"kept"`
	Unchanged int64           `json:"unchanged" doc:"Typed in before, the same."`
	Standing  []apiPaperFault `json:"standing" doc:"Reported by the person or a helper; that stands."`
	Faults    []apiPaperFault `json:"faults"`
}

type apiPaperFault struct {
	Line   int64  `json:"line"`
	Day    string `json:"day"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func apiTypedOf(t workresume.Typed, say *i18n.Printer) apiTyped {
	said := func(list []workresume.PaperFault) []apiPaperFault {
		out := make([]apiPaperFault, len(list))
		for i, x := range list {
			out[i] = apiPaperFault{x.Line, x.Day, x.Code, say.T(x.Code)}
		}
		return out
	}
	return apiTyped{t.Kept, t.Unchanged, said(t.Standing), said(t.Faults)}
}

func (p *resumptionAPI) typePaper(ctx context.Context, c api.Call, in *apiTypePaperInput) (apiTyped, error) {
	rows := make([]workresume.PaperRow, len(in.Body.Rows))
	for i, b := range in.Body.Rows {
		x := apiHealthBody{b.Temperature, b.Symptoms, b.Contact}.report()
		rows[i] = workresume.PaperRow{Line: b.Line, Day: b.Day, Well: b.Well, Tenths: x.Tenths, Symptoms: x.Symptoms, Contact: x.Contact}
	}
	out, err := p.TypePaper(ctx, c.By, workresume.TypeInput{Number: in.Sheet, Rows: rows, Key: c.Key})
	return apiTypedOf(out, c.Say), nowhere(err)
}

package workresumeweb

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const paperBase = "/desk/paper"

func (p *pages) paperRoutes() web.Routes {
	may := web.Needs(workresume.MayPaper)
	return web.Routes{
		{Method: "GET", Path: paperBase, Handler: p.paperShow, Access: may, Twin: "listPaper"},
		{Method: "POST", Path: paperBase, Handler: p.paperPrint, Access: may, Input: paperPrintInput{}, Twin: "printPaper"},
		{Method: "GET", Path: paperBase + "/printed/{printing}", Handler: p.paperPrinted, Access: may},
		{Method: "GET", Path: paperBase + "/{sheet}", Handler: p.paperSheet, Access: may, Twin: "getPaper"},
		{Method: "POST", Path: paperBase + "/{sheet}", Handler: p.paperType, Access: may, Input: paperTypeInput{}, Twin: "typePaper"},
	}
}

// paperPage is the sheets of an office, with a form to print more.
type paperPage struct {
	Sheets  []workresume.Sheet
	Streets []Park          // to print for; none for who is bound to a park
	In      paperPrintInput // before it was sent
}

// paperPrintInput says whom sheets are for.
type paperPrintInput struct {
	Who    string `form:"who" json:"who,omitempty" max:"10"`   // "helped", "firm", "missing" or "street"
	Firm   string `form:"firm" json:"firm,omitempty" max:"60"` // credit code or id
	Street string `form:"street" json:"street,omitempty" max:"60"`
	First  string `form:"first" json:"first" max:"10"`
	Days   int64  `form:"days" json:"days"`
}

// paperDays is for how many days a sheet is printed unless somebody says otherwise:
// a week is what a steward walks with.
const paperDays = 7

// paperShow lists the sheets; with a number in the address it opens that one.
func (p *pages) paperShow(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if number := cut(q.Get("number")); number != "" {
		x, err := p.SheetByNumber(r.Context(), web.Principal(r), number)
		if err == nil {
			http.Redirect(w, r, paperBase+"/"+x.Number, http.StatusSeeOther)
			return nil
		}
		return p.paperAgain(r, unknownSheet(err))
	}
	list, err := p.Sheets(r.Context(), web.Principal(r))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiSheetsOf("", list))
	}
	d := paperPage{Sheets: list, In: paperPrintInput{Who: "helped", Firm: cut(q.Get("firm")), First: p.today(), Days: paperDays}}
	if d.In.Firm != "" {
		d.In.Who = "missing"
	}
	if d.Streets, err = p.lodgingStreets(r); err != nil {
		return err
	}
	return web.Render(w, r, paperView(web.From(r), d, web.Blank(r)))
}

// unknownSheet tells at the field that there is no such sheet, since somebody typed
// its number.
func unknownSheet(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return missing("number", "workresume.paper_unknown")
	}
	return err
}

func (p *pages) today() string { return p.Now().In(p.Zone).Format("2006-01-02") }

func (p *pages) paperAgain(r *http.Request, err error) error {
	list, failed := p.Sheets(r.Context(), web.Principal(r))
	if failed != nil {
		return failed
	}
	d := paperPage{Sheets: list, In: paperPrintInput{Who: "helped", First: p.today(), Days: paperDays}}
	if d.Streets, failed = p.lodgingStreets(r); failed != nil {
		return failed
	}
	return web.Again(err, func(f *ui.Form) templ.Component { return paperView(web.From(r), d, f) })
}

// paperInput finds the firm and says whom sheets are for.
func (p *pages) paperInput(r *http.Request, in paperPrintInput) (out workresume.PrintInput, err error) {
	out = workresume.PrintInput{First: in.First, Days: in.Days, Missing: in.Who == "missing"}
	switch in.Who {
	case "helped":
		return out, nil
	case "street":
		if out.Street = in.Street; out.Street == "" {
			return out, missing("street", "paperpages.street_missing")
		}
		return out, nil
	case "firm", "missing":
	default:
		return out, missing("who", "paperpages.who_none")
	}
	if in.Firm = strings.TrimSpace(in.Firm); in.Firm == "" {
		return out, missing("firm", "paperpages.firm_missing")
	}
	if out.Firm = in.Firm; strings.HasPrefix(in.Firm, "fir_") {
		return out, nil
	}
	f, err := p.FirmByCode(r.Context(), web.Principal(r), in.Firm)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		err = missing("firm", "workresume.firm_unknown")
	}
	out.Firm = f.ID
	return out, err
}

func (p *pages) paperPrint(w http.ResponseWriter, r *http.Request) error {
	var in paperPrintInput
	err := web.Decode(r, &in)
	var printing string
	if err == nil {
		var x workresume.PrintInput
		if x, err = p.paperInput(r, in); err == nil {
			x.Key = web.Once(r, "printPaper", in)
			printing, err = p.PrintPaper(r.Context(), web.Principal(r), x)
		}
	}
	if err != nil {
		return p.paperAgain(r, err)
	}
	list, err := p.Printing(r.Context(), web.Principal(r), printing)
	if err != nil {
		return err
	}
	return web.Done(w, r, paperBase+"/printed/"+printing, apiSheetsOf(printing, list))
}

// paperPrinted is what goes to the printer: every page of one printing.
func (p *pages) paperPrinted(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Printing(r.Context(), web.Principal(r), r.PathValue("printing"))
	if err != nil {
		return err
	}
	streets, err := p.bothStreets(r.Context())
	if err != nil {
		return err
	}
	return web.Render(w, r, paperSheetsView(web.From(r), list, streets))
}

// lodgingStreets are the streets the caller may print sheets for.
func (p *pages) lodgingStreets(r *http.Request) ([]Park, error) {
	if web.Principal(r).Scope.Kind != auth.AtDistrict {
		return nil, nil
	}
	return p.streets(r.Context(), web.From(r))
}

// bothStreets are the streets' names in both languages, as a sheet says them.
func (p *pages) bothStreets(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	if p.Deps.Streets == nil {
		return out, nil
	}
	for _, lang := range [...]string{"zh-Hans", "en"} {
		list, err := p.Deps.Streets.Streets(ctx, lang)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if before := out[s.ID]; before != "" && before != s.Name {
				out[s.ID] = before + " " + s.Name
			} else {
				out[s.ID] = s.Name
			}
		}
	}
	return out, nil
}

// paperTypePage is one sheet while it is typed in. In is what was typed where it is
// shown again; Result is what came of it.
type paperTypePage struct {
	workresume.Sheet
	In      paperTypeInput
	Result  *workresume.Typed
	Streets []Park // by name, for a sheet of one
}

func (p *pages) paperSheet(w http.ResponseWriter, r *http.Request) error {
	x, err := p.SheetByNumber(r.Context(), web.Principal(r), r.PathValue("sheet"))
	if err != nil {
		return nowhere(err)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiSheetOf(x))
	}
	streets, err := p.streets(r.Context(), web.From(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, paperTypeView(web.From(r), paperTypePage{Sheet: x, Streets: streets}, web.Blank(r)))
}

// nowhere makes of an address that cannot be a sheet's one that is none.
func nowhere(err error) error {
	if err == nil {
		return nil
	}
	if f := fault.As(err); len(f.Fields) > 0 && f.Fields[0].Name == "number" {
		return fault.New(fault.NotFound, "workresume.paper_unknown")
	}
	return err
}

// paperTypeInput is the open rows of a sheet: the nth row has the nth marks and
// temperature. A row is "3 2020-02-18".
type paperTypeInput struct {
	Row         []string `form:"row" json:"row" max:"20"`
	Marks       []string `form:"marks" json:"marks" max:"20"`
	Temperature []string `form:"temperature" json:"temperature" max:"8"`
}

// rows reads what was typed; what cannot be read is said of its row.
func (in paperTypeInput) rows() (rows []workresume.PaperRow, faults []workresume.PaperFault) {
	for i := range in.Row {
		number, day, _ := strings.Cut(nth(in.Row, i), " ")
		line, _ := strconv.ParseInt(number, 10, 64) // 0 is no line
		row, err := workresume.ReadMarks(nth(in.Marks, i))
		wrong := "workresume.paper_marks"
		if err == nil {
			row.Tenths, err = tenths(nth(in.Temperature, i))
			wrong = "workresume.paper_temperature"
		}
		if err != nil {
			faults = append(faults, workresume.PaperFault{Line: line, Day: day, Code: wrong})
			continue
		}
		row.Line, row.Day = line, day
		rows = append(rows, row)
	}
	return rows, faults
}

// paperType takes the rows that are right and shows the sheet again with the others.
func (p *pages) paperType(w http.ResponseWriter, r *http.Request) error {
	ctx, by := r.Context(), web.Principal(r)
	x, err := p.SheetByNumber(ctx, by, r.PathValue("sheet"))
	if err != nil {
		return nowhere(err)
	}
	streets, err := p.streets(ctx, web.From(r))
	if err != nil {
		return err
	}
	var in paperTypeInput
	err = web.Decode(r, &in)
	var out workresume.Typed
	if err == nil {
		rows, faults := in.rows()
		if len(rows) > 0 || len(faults) == 0 {
			out, err = p.TypePaper(ctx, by, workresume.TypeInput{Number: x.Number, Rows: rows, Key: web.Once(r, "typePaper "+x.Number, in)})
		}
		out.Faults = append(faults, out.Faults...)
	}
	if err != nil {
		d := paperTypePage{Sheet: x, In: in, Streets: streets}
		return web.Again(err, func(f *ui.Form) templ.Component { return paperTypeView(web.From(r), d, f) })
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, apiTypedOf(out, web.Printer(r)))
	}
	d := paperTypePage{In: in, Result: &out, Streets: streets}
	if d.Sheet, err = p.SheetByNumber(ctx, by, x.Number); err != nil { // as it stands now
		return err
	}
	return web.Render(w, r, paperTypeView(web.From(r), d, web.Blank(r)))
}

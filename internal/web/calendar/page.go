package calendar

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/casework"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// Desk is the officers' page.
const Desk = "/desk/calendar"

// Routes are the officers' page and a year's days as a file.
func (c *Calendar) Routes() web.Routes {
	may := web.Needs(casework.MayCalendar)
	return web.Routes{
		{Method: "GET", Path: Desk, Handler: c.show, Access: may},
		{Method: "POST", Path: Desk, Handler: c.set, Access: may, Input: Input{}, Twin: "setCalendar"},
		{Method: "GET", Path: Desk + "/{year}/days.csv", Handler: c.file, Access: may},
	}
}

// Input is a year's file. Do is "set" to put it into force; else it is only tried.
type Input struct {
	Do   string `form:"do" json:"do,omitempty" max:"10"`
	Text string `form:"text" json:"text" max:"16384"`
}

// board is the page: the years, one of them opened, and what a file would change.
type board struct {
	Known   []casework.YearLine
	Guessed []int
	Open    casework.YearLine
	May     bool // the reader may put a year into force
	Change  *casework.Change
	Text    string // of Change
	Zone    *time.Location
}

func (c *Calendar) board(r *http.Request) (b board, err error) {
	b.Zone = c.Zone
	b.May = web.Principal(r).Permit(casework.MayCalendar, casework.Grants(), auth.District(c.District)) == nil
	if b.Known, b.Guessed, err = c.Years(r.Context()); err != nil {
		return b, err
	}
	year := c.Now().In(c.Zone).Year()
	if n, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil {
		year = n
	}
	b.Open, _ = pick(b.Known, year)
	return b, nil
}

func (c *Calendar) show(w http.ResponseWriter, r *http.Request) error {
	b, err := c.board(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, view(web.From(r), b, web.Blank(r)))
}

// set tries a year's file, and with do=set puts it into force. A file that was
// chosen goes before what stands in the field.
func (c *Calendar) set(w http.ResponseWriter, r *http.Request) error {
	var in Input
	err := web.Decode(r, &in)
	b, failed := c.board(r)
	if failed != nil {
		return failed
	}
	again := func(f *ui.Form) templ.Component { return view(web.From(r), b, f) }
	if err == nil {
		err = chosen(r, &in)
	}
	if err != nil {
		return web.Again(err, again)
	}
	by, ctx := web.Principal(r), r.Context()
	if in.Do == "set" {
		ch, err := c.Set(ctx, by, in.Text, web.Once(r, "setCalendar", in))
		if err != nil {
			return web.Again(err, again)
		}
		web.Flash(w, r, ui.Valid, "calendar.done", "", "year", strconv.Itoa(ch.Year.Year), "n", len(ch.Moved))
		return web.Done(w, r, Desk+"?year="+strconv.Itoa(ch.Year.Year), AnswerOf(ch))
	}
	ch, err := c.Preview(ctx, by, in.Text)
	if err != nil {
		return web.Again(err, again)
	}
	if web.WantsJSON(r) {
		return web.JSON(w, r, http.StatusOK, AnswerOf(ch))
	}
	b.Change, b.Text = &ch, in.Text
	return web.Render(w, r, view(web.From(r), b, web.Blank(r)))
}

// chosen takes the text from the file of a form, if one was chosen.
func chosen(r *http.Request, in *Input) error {
	if r.MultipartForm != nil {
		for _, head := range r.MultipartForm.File["file"] {
			f, err := head.Open()
			if err != nil {
				return err
			}
			text, err := io.ReadAll(io.LimitReader(f, casework.YearMost+1))
			_ = f.Close() // it was read
			if err != nil {
				return err
			}
			if len(text) > 0 {
				in.Text = string(text)
				r.PostForm.Set("text", in.Text) // so that it can be mended on the page
			}
		}
	}
	if in.Text == "" {
		return fault.New(fault.Invalid, "fault.fields").With("text", "calendar.nothing")
	}
	return nil
}

// file is a year as it can be entered again.
func (c *Calendar) file(w http.ResponseWriter, r *http.Request) error {
	known, _, err := c.Years(r.Context())
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(r.PathValue("year"))
	l, found := pick(known, n)
	if !found {
		return fault.New(fault.NotFound, "calendar.unknown", "year", r.PathValue("year"))
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="workdays-`+strconv.Itoa(n)+`.csv"`)
	_, err = w.Write(l.CSV())
	return err
}

// at is a day as a moment in the district, for words.
func (b board) at(d casework.Day) time.Time { return d.Begin(b.Zone) }

// span is a holiday's days in words.
func (b board) span(p *ui.Page, h casework.Holiday) string {
	if h.From == h.To {
		return p.Day(b.at(h.From))
	}
	return p.T("calendar.span", "from", p.Day(b.at(h.From)), "to", p.Day(b.at(h.To)))
}

// last is the last whole day of a deadline.
func last(p *ui.Page, due time.Time) string { return p.Day(due.Add(-time.Microsecond)) }

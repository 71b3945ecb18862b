package rationweb

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const sendBase = counterBase + "/send"

func (p *pages) sendRoutes() web.Routes {
	hand, sheet := web.Needs(ration.MayHand), sendBase+"/sheet"
	return web.Routes{
		{Method: "GET", Path: sendBase, Handler: p.sendShow, Access: hand, Class: admission.Gate},
		{Method: "POST", Path: sendBase, Handler: p.sendMark, Access: hand, Class: admission.Gate, Input: sendInput{}, Twin: "sendRation"},
		{Method: "POST", Path: sheet, Handler: p.sheetOpen, Access: hand, Input: sheetInput{}, Twin: "openSendList"},
		{Method: "GET", Path: sheet + "/{sheet}", Handler: p.sheetShow, Access: hand, Twin: "getSendList"},
		{Method: "GET", Path: sheet + "/{sheet}/labels.csv", Handler: p.sheetCSV, Access: hand},
		{Method: "POST", Path: counterBase + "/{offer}/{allotment}/back", Handler: p.sendBack, Access: hand, Input: backInput{}, Twin: "rationCameBack"},
	}
}

// sendData is the page of what leaves a point on a day.
type sendData struct {
	point  ration.Point
	day    ration.Day
	today  bool
	toSend []ration.Outgoing
	sent   []ration.Outgoing
	items  map[string]string
}

func (p *pages) sendOf(r *http.Request) (d sendData, err error) {
	by := web.Principal(r)
	today := ration.DayOf(p.Now().In(p.Zone))
	if d.day = today; r.FormValue("day") != "" {
		if d.day, err = day(r.FormValue("day")); err != nil {
			return d, err
		}
	}
	d.today = d.day == today
	list, err := p.ToSend(r.Context(), by, by.Scope.ID, d.day)
	if err != nil {
		return d, err
	}
	for _, x := range list {
		if x.Waits() {
			d.toSend = append(d.toSend, x)
		} else {
			d.sent = append(d.sent, x)
		}
	}
	c, err := p.counterOf(r, by.Scope.ID)
	d.point, d.items = c.Point, c.items
	return d, err
}

func (p *pages) sendShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.sendOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, sendView(web.From(r), d, web.Blank(r)))
}

// sendInput marks parcels as sent: Offer and Allotment of a program's one, or the boxes
// that were ticked, with a number beside each.
type sendInput struct {
	Day       string `form:"day" json:"-" max:"10"`
	Offer     string `form:"offer" json:"offer,omitempty" max:"40"`
	Allotment string `form:"allotment" json:"allotment,omitempty" max:"40"`
	Tracking  string `form:"tracking" json:"tracking,omitempty" max:"60" doc:"The post's number, if it has one."`
	Lot       string `form:"lot" json:"lot,omitempty" max:"60" doc:"The oldest of which there is enough, if not given."`
}

// sendMark marks what was ticked. One that cannot be sent keeps none of the others back.
func (p *pages) sendMark(w http.ResponseWriter, r *http.Request) error {
	var in sendInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	by := web.Principal(r)
	if web.WantsJSON(r) && r.PostForm == nil {
		a, err := p.Send(r.Context(), by, ration.SendInput{Point: by.Scope.ID, Offer: in.Offer, Allotment: in.Allotment, Tracking: in.Tracking, Lot: in.Lot})
		if err != nil {
			return err
		}
		return web.Done(w, r, sendBase, a)
	}
	d, err := p.sendOf(r)
	if err != nil {
		return err
	}
	ticked := map[string]bool{}
	for _, id := range r.PostForm["parcel"] {
		ticked[id] = true
	}
	done, failed := 0, fault.New(fault.Conflict, "fault.fields")
	for _, x := range d.toSend {
		if !ticked[x.ID] {
			continue
		}
		if _, err := p.Send(r.Context(), by, ration.SendInput{Point: by.Scope.ID, Offer: x.Offer, Allotment: x.ID, Tracking: r.PostForm.Get("tracking." + x.ID)}); err != nil {
			f := fault.As(err)
			if f.Kind == fault.Internal || f.Kind == fault.Busy {
				return err
			}
			failed.Fields = append(failed.Fields, fault.Field{Name: "parcel." + x.ID, Code: f.Code, Args: f.Args})
			continue
		}
		done++
	}
	if done == 0 && len(failed.Fields) == 0 {
		failed.With("parcel", "counterpages.send_none")
	}
	if err := failed.OrNil(); err != nil {
		if d, err := p.sendOf(r); err == nil {
			return web.Again(failed, func(f *ui.Form) templ.Component { return sendView(web.From(r), d, f) })
		}
		return err
	}
	web.Flash(w, r, ui.Valid, "counterpages.send_done", "", "n", done)
	return web.Done(w, r, sendBase+"?day="+d.day.String(), struct{}{})
}

// backInput is why something came back.
type backInput struct {
	Day    string `form:"day" json:"-" max:"10"`
	Reason string `form:"reason" json:"reason" max:"300"`
}

func (p *pages) sendBack(w http.ResponseWriter, r *http.Request) error {
	var in backInput
	err := web.Decode(r, &in)
	by := web.Principal(r)
	var a ration.Allotment
	if err == nil {
		a, err = p.CameBack(r.Context(), by, ration.BackInput{Point: by.Scope.ID, Offer: r.PathValue("offer"), Allotment: r.PathValue("allotment"), Reason: in.Reason})
	}
	if err != nil {
		d, unseen := p.sendOf(r)
		if unseen != nil || web.WantsJSON(r) {
			return err
		}
		return web.Again(atField(err, "reason"), func(f *ui.Form) templ.Component { return sendView(web.From(r), d, f) })
	}
	web.Flash(w, r, ui.Valid, "counterpages.send_back_done", "")
	return web.Done(w, r, sendBase, a)
}

// sheetInput opens the addresses of a day.
type sheetInput struct {
	Day string `form:"day" json:"day,omitempty" max:"10" doc:"Today if not given."`
}

func (p *pages) sheetOpen(w http.ResponseWriter, r *http.Request) error {
	var in sheetInput
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	s, err := p.openSheet(r.Context(), web.Principal(r), in)
	if err != nil {
		return err
	}
	return web.Done(w, r, sendBase+"/sheet/"+s.ID, s)
}

func (p *pages) openSheet(ctx context.Context, by auth.Principal, in sheetInput) (ration.Sheet, error) {
	on := ration.DayOf(p.Now().In(p.Zone))
	if in.Day != "" {
		var err error
		if on, err = day(in.Day); err != nil {
			return ration.Sheet{}, err
		}
	}
	return p.OpenSheet(ctx, by, by.Scope.ID, on)
}

func (p *pages) sheetOf(r *http.Request) (ration.Sheet, map[string]string, error) {
	by := web.Principal(r)
	s, err := p.SheetOf(r.Context(), by, by.Scope.ID, r.PathValue("sheet"))
	if err != nil {
		return s, nil, err
	}
	items, err := p.items(r)
	return s, items, err
}

func (p *pages) sheetShow(w http.ResponseWriter, r *http.Request) error {
	s, items, err := p.sheetOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, sheetView(web.From(r), s, items, s.Day.In(p.Zone)))
}

// sheetCSV is the list for the post's own programs and for labels.
func (p *pages) sheetCSV(w http.ResponseWriter, r *http.Request) error {
	s, items, err := p.sheetOf(r)
	if err != nil {
		return err
	}
	page := web.From(r)
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="send-`+s.Day.String()+`.csv"`)
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads it as UTF-8
	out := csv.NewWriter(w)
	var head []string
	for _, k := range [...]string{"code_said", "send_to", "send_phone", "send_address", "item", "pieces", "due"} {
		head = append(head, page.T("counterpages."+k))
	}
	_ = out.Write(head)
	for _, l := range s.Lines {
		_ = out.Write([]string{l.Code, cell(l.Name), cell(l.Phone), cell(l.Address), cell(items[l.Item]), strconv.FormatInt(l.Pieces, 10), strconv.FormatFloat(float64(l.Fen)/100, 'f', 2, 64)})
	}
	out.Flush()
	return out.Error()
}

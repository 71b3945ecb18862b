package rationweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"breakwater/internal/fault"
	"breakwater/internal/ident"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/roster"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

const pointsBase = deskBase + "/points"

// Accounts adds the account of somebody who works at a point.
type Accounts interface {
	AddAccount(ctx context.Context, by auth.Principal, in auth.NewAccount) (auth.Account, error)
}

// pointsShown is how many shops and depots stand on the page; a search narrows them down.
const pointsShown = 100

// pointsData is the shops and depots. fail is the form that came back: "open" or "file".
type pointsData struct {
	Points []ration.Point
	All    int // found, of which Points are the first
	Query  string
	fail   string
}

func (d pointsData) form(which string, f *ui.Form) *ui.Form { return formOf(d.fail, which, f) }

func (p *pages) pointsOf(r *http.Request) (d pointsData, err error) {
	list, err := p.PointsKnown(r.Context())
	if d.Query = r.URL.Query().Get("q"); len(d.Query) > 100 {
		d.Query = ""
	}
	for _, x := range list {
		if !pointFits(x, d.Query) {
			continue
		}
		if d.All++; len(d.Points) < pointsShown {
			d.Points = append(d.Points, x)
		}
	}
	return d, err
}

// pointFits is whether every word of a search stands in a point's name or place.
func pointFits(x ration.Point, query string) bool {
	text := strings.ToLower(x.Name + " " + x.Town + " " + x.Address)
	for word := range strings.FieldsSeq(strings.ToLower(ident.Fold(query))) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (p *pages) pointsShow(w http.ResponseWriter, r *http.Request) error {
	d, err := p.pointsOf(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, pointsView(web.From(r), d, web.Blank(r)))
}

func (p *pages) pointsAgain(r *http.Request, which string, err error) error {
	d, unseen := p.pointsOf(r)
	if unseen != nil || web.WantsJSON(r) {
		return err
	}
	d.fail = which
	return web.Again(err, func(f *ui.Form) templ.Component { return pointsView(web.From(r), d, f) })
}

// openPointInput is a shop or a depot to open.
type openPointInput struct {
	Kind    string  `form:"kind" json:"kind" max:"10" enum:"shop,depot"`
	Name    string  `form:"name" json:"name" max:"80"`
	Address string  `form:"address" json:"address" max:"80"`
	Town    string  `form:"town" json:"town,omitempty" max:"80"`
	Phone   string  `form:"phone" json:"phone,omitempty" max:"80"`
	Lat     float64 `form:"lat" json:"lat,omitempty" doc:"Degrees, WGS 84."`
	Lon     float64 `form:"lon" json:"lon,omitempty"`
}

func (in openPointInput) point() ration.PointInput {
	return ration.PointInput{Kind: in.Kind, Name: in.Name, Address: in.Address, Town: in.Town, Phone: in.Phone, Lat: in.Lat, Lon: in.Lon}
}

func (p *pages) pointsOpen(w http.ResponseWriter, r *http.Request) error {
	var in openPointInput
	err := web.Decode(r, &in)
	var point ration.Point
	if err == nil {
		x := in.point()
		x.Key = web.Once(r, "openPoint", in)
		point, err = p.OpenPoint(r.Context(), web.Principal(r), x)
	}
	if err != nil {
		return p.pointsAgain(r, "open", err)
	}
	web.Flash(w, r, ui.Valid, "supplydesk.point_opened", "", "name", point.Name)
	return web.Done(w, r, pointsBase, supplyPointOf(point))
}

// pointsInput is a list of shops and depots to open.
type pointsInput struct {
	Points []openPointInput `json:"points"`
}

func (in pointsInput) list() []ration.PointInput {
	out := make([]ration.PointInput, len(in.Points))
	for i, x := range in.Points {
		out[i] = x.point()
	}
	return out
}

// pointsAdded is how many shops and depots of a list are new; the others were there.
type pointsAdded struct {
	Added int64 `json:"added"`
}

// pointsFile opens the shops and depots of a file: all or none.
func (p *pages) pointsFile(w http.ResponseWriter, r *http.Request) error {
	up, err := web.Receive(r, "file")
	if err != nil {
		return p.pointsAgain(r, "file", err)
	}
	t, err := tableOf(up, pointColumns())
	if err != nil {
		return p.pointsAgain(r, "file", err)
	}
	var list []ration.PointInput
	if err = t.each(func(cells []roster.TableCell) (string, error) {
		in, text, why := pointCells(cells)
		if why == nil {
			list = append(list, in)
		}
		return text, why
	}); err != nil {
		return p.pointsAgain(r, "file", err)
	}
	n, err := p.OpenPoints(r.Context(), web.Principal(r), list, web.Once(r, "openPoints", list))
	if err != nil {
		return p.pointsAgain(r, "file", t.refused(err, "point"))
	}
	web.Flash(w, r, ui.Valid, "supplydesk.points_added", "", "n", n, "there", int64(len(list))-n)
	return web.Done(w, r, pointsBase, pointsAdded{n})
}

func pointColumns() []roster.Column {
	return []roster.Column{
		{Title: "名称 Name", Needed: true, Headings: []string{"name", "point", "shop", "名称", "领取点", "领取点名称", "药店", "药店名称", "门店"}},
		{Title: "类型 Kind", Headings: []string{"kind", "type", "类型", "类别"}},
		{Title: "地址 Address", Needed: true, Headings: []string{"address", "地址", "详细地址"}},
		{Title: "镇街 Town", Headings: []string{"town", "street", "镇街", "街道", "乡镇", "所属街道"}},
		{Title: "电话 Phone", Headings: []string{"phone", "telephone", "电话", "联系电话"}},
		{Title: "纬度 Latitude", Headings: []string{"lat", "latitude", "纬度"}},
		{Title: "经度 Longitude", Headings: []string{"lon", "lng", "longitude", "经度"}},
	}
}

// pointCells is one line; what is said of its fields is the verb's business.
func pointCells(cells []roster.TableCell) (in ration.PointInput, text string, why error) {
	in = ration.PointInput{Kind: kindOf(cells[1].Text), Name: strings.TrimPrefix(cells[0].Text, "'"), Address: cells[2].Text, Town: cells[3].Text, Phone: cells[4].Text}
	for n, into := range map[int]*float64{5: &in.Lat, 6: &in.Lon} {
		var ok bool
		if *into, ok = degree(cells[n].Text); !ok {
			return in, cells[n].Text, fault.New(fault.Invalid, "ration.point_where")
		}
	}
	return in, "", nil
}

// kindOf is the kind a file names; a line that names none is a shop.
func kindOf(text string) string {
	switch strings.ToLower(ident.Fold(text)) {
	case "", "shop", "pharmacy", "领取点", "药店", "门店":
		return ration.Shop
	case "depot", "warehouse", "仓库":
		return ration.Depot
	}
	return text
}

// staffInput is the account of whoever works at a point.
type staffInput struct {
	Login    string `form:"login" json:"login" max:"60"`
	Name     string `form:"name" json:"name" max:"60"`
	Password string `form:"password,raw" json:"password" max:"200"`
}

func (in staffInput) at(point string) auth.NewAccount {
	return auth.NewAccount{Login: in.Login, Name: in.Name, Role: auth.Storekeeper, Scope: auth.Point(point), Password: in.Password}
}

// storekeeper is an account that was added, without anything secret.
type storekeeper struct {
	Account string `json:"account"`
	Login   string `json:"login"`
	Point   string `json:"point"`
}

package rationweb

import (
	"context"
	"net/http"
	"strings"

	"breakwater/internal/admission"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

type (
	// supplyPoint is a shop or a depot for a program.
	supplyPoint struct {
		ID      string  `json:"id"`
		Kind    string  `json:"kind" enum:"shop,depot"`
		Name    string  `json:"name"`
		Address string  `json:"address"`
		Town    string  `json:"town,omitempty"`
		Lat     float64 `json:"lat,omitempty" doc:"Degrees, WGS 84."`
		Lon     float64 `json:"lon,omitempty"`
		Phone   string  `json:"phone,omitempty"`
	}
	pointStock struct {
		Point   supplyPoint    `json:"point"`
		Shelves []ration.Shelf `json:"shelves" doc:"Every lot that was ever there."`
		ToHand  ration.Pile    `json:"to_hand" doc:"Can be fetched today and was not."`
		ToSend  ration.Pile    `json:"to_send" doc:"Is sent or brought, and may leave today."`
		Handed  ration.Pile    `json:"handed" doc:"Today."`
	}
	findBody struct{ Body findInput }
	handedIn struct {
		Offer     string `path:"offer" doc:"The offer's id."`
		Allotment string `path:"allotment" doc:"The allotment's id."`
		Body      handInput
	}
	pointInput struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
	}
	receiveBody struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
		Body  receiveInput
	}
	shiftBody struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
		Body  shiftInput
	}
)

// counterAPI is the counter and the stock for programs. A counter is the caller's own.
func (p *pages) counterAPI(a *api.API) {
	hand, stock := web.Needs(ration.MayHand), web.Needs(ration.MayStock)
	api.Add(a, api.Op{ID: "findVoucher", Method: http.MethodPost, Path: "/ration/vouchers", Group: group, Access: hand, Class: admission.Gate},
		func(ctx context.Context, c api.Call, in *findBody) (ration.Voucher, error) {
			return p.FindVoucher(ctx, c.By, c.By.Scope.ID, in.Body.Code)
		})
	api.Add(a, api.Op{ID: "collectRation", Method: http.MethodPost, Path: "/ration/offers/{offer}/allotments/{allotment}/collect", Group: group, Access: hand, Class: admission.Gate},
		func(ctx context.Context, c api.Call, in *handedIn) (ration.Allotment, error) {
			x := in.Body.collect(in.Offer, in.Allotment, c.By.Scope)
			x.Key = c.Key
			return p.Collect(ctx, c.By, x)
		})
	p.sendAPI(a)
	api.Add(a, api.Op{ID: "getPointStock", Method: http.MethodGet, Path: "/ration/points/{point}/stock", Group: group, Access: stock},
		func(ctx context.Context, c api.Call, in *pointInput) (pointStock, error) {
			d, err := p.AtCounter(ctx, c.By, in.Point)
			return pointStock{supplyPointOf(d.Point), d.Shelves, d.ToHand, d.ToSend, d.Handed}, err
		})
	api.Add(a, api.Op{ID: "receiveStock", Method: http.MethodPost, Path: "/ration/points/{point}/receive", Group: group, Access: stock},
		func(ctx context.Context, c api.Call, in *receiveBody) (ration.Shelf, error) {
			x := in.Body.at(in.Point)
			x.Key = c.Key
			return p.Receive(ctx, c.By, x)
		})
	for _, act := range [...]string{"move", "spoil", "return"} {
		api.Add(a, api.Op{ID: act + "Stock", Method: http.MethodPost, Path: "/ration/points/{point}/" + act, Group: group, Access: stock},
			func(ctx context.Context, c api.Call, in *shiftBody) (ration.Shelf, error) {
				x := in.Body.at(in.Point)
				x.Key = c.Key
				return p.shift(act)(ctx, c.By, x)
			})
	}
}

func supplyPointOf(x ration.Point) supplyPoint {
	return supplyPoint{x.ID, x.Kind, x.Name, x.Address, x.Town, x.Lat, x.Lon, x.Phone}
}

// shift is the verb of an act on stock.
func (p *pages) shift(act string) func(context.Context, auth.Principal, ration.MoveInput) (ration.Shelf, error) {
	switch act {
	case "move":
		return p.Move
	case "spoil":
		return p.Spoil
	}
	return p.TakeBack
}

// cutLot parts the one field of a form that names a lot.
func cutLot(text string) (campaign, lot string) {
	campaign, lot, _ = strings.Cut(text, " ")
	return campaign, lot
}

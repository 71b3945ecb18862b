package rationweb

import (
	"context"
	"net/http"

	"breakwater/internal/admission"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

type (
	outgoingIn struct {
		Day string `query:"day" doc:"Today if not given."`
	}
	outgoingList struct {
		Outgoing []ration.Outgoing `json:"outgoing"`
	}
	sendIn struct {
		Offer     string `path:"offer" doc:"The offer's id."`
		Allotment string `path:"allotment" doc:"The allotment's id."`
		Body      struct {
			Tracking string `json:"tracking,omitempty" max:"60" doc:"The post's number, if it has one."`
			Lot      string `json:"lot,omitempty" max:"60" doc:"The oldest of which there is enough, if not given."`
		}
	}
	backBody struct {
		Offer     string `path:"offer" doc:"The offer's id."`
		Allotment string `path:"allotment" doc:"The allotment's id."`
		Body      backInput
	}
	sheetBody struct{ Body sheetInput }
	sheetIn   struct {
		Sheet string `path:"sheet" doc:"The list's id."`
	}
	sendList struct {
		ration.Sheet
		Day string `json:"day"`
	}
	redirectBody struct {
		Offer     string `path:"offer" doc:"The offer's id."`
		Allotment string `path:"allotment" doc:"The allotment's id."`
		Body      redirectInput
	}
)

// sendAPI is what is sent or brought, for programs. A point is the caller's own.
func (p *pages) sendAPI(a *api.API) {
	hand := web.Needs(ration.MayHand)
	one := "/ration/offers/{offer}/allotments/{allotment}"
	api.Add(a, api.Op{ID: "listOutgoing", Method: http.MethodGet, Path: "/ration/outgoing", Group: group, Access: hand},
		func(ctx context.Context, c api.Call, in *outgoingIn) (outgoingList, error) {
			on := ration.DayOf(p.Now().In(p.Zone))
			var err error
			if in.Day != "" {
				if on, err = day(in.Day); err != nil {
					return outgoingList{}, err
				}
			}
			list, err := p.ToSend(ctx, c.By, c.By.Scope.ID, on)
			if list == nil {
				list = []ration.Outgoing{}
			}
			return outgoingList{list}, err
		})
	api.Add(a, api.Op{ID: "openSendList", Method: http.MethodPost, Path: "/ration/send-lists", Group: group, Access: hand},
		func(ctx context.Context, c api.Call, in *sheetBody) (sendList, error) {
			s, err := p.openSheet(ctx, c.By, in.Body)
			return sendList{s, s.Day.String()}, err
		})
	api.Add(a, api.Op{ID: "getSendList", Method: http.MethodGet, Path: "/ration/send-lists/{sheet}", Group: group, Access: hand},
		func(ctx context.Context, c api.Call, in *sheetIn) (sendList, error) {
			s, err := p.SheetOf(ctx, c.By, c.By.Scope.ID, in.Sheet)
			return sendList{s, s.Day.String()}, err
		})
	api.Add(a, api.Op{ID: "sendRation", Method: http.MethodPost, Path: one + "/send", Group: group, Access: hand, Class: admission.Gate},
		func(ctx context.Context, c api.Call, in *sendIn) (ration.Allotment, error) {
			return p.Send(ctx, c.By, ration.SendInput{Point: c.By.Scope.ID, Offer: in.Offer, Allotment: in.Allotment, Tracking: in.Body.Tracking, Lot: in.Body.Lot})
		})
	api.Add(a, api.Op{ID: "rationCameBack", Method: http.MethodPost, Path: one + "/came-back", Group: group, Access: hand},
		func(ctx context.Context, c api.Call, in *backBody) (ration.Allotment, error) {
			return p.CameBack(ctx, c.By, ration.BackInput{Point: c.By.Scope.ID, Offer: in.Offer, Allotment: in.Allotment, Reason: in.Body.Reason})
		})
	api.Add(a, api.Op{ID: "redirectRation", Method: http.MethodPost, Path: one + "/address", Group: group, Access: web.Needs(ration.MayClaim)},
		func(ctx context.Context, c api.Call, in *redirectBody) (ration.Allotment, error) {
			return p.Redirect(ctx, c.By, in.Offer, in.Allotment, in.Body.Address)
		})
}

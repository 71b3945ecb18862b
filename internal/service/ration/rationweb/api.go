package rationweb

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

const group = "rationed supplies"

// campaignAnswer is a campaign for a program; texts are by language.
type campaignAnswer struct {
	*ration.Campaign
	State  string    `json:"state" enum:"open,closed"`
	Digest string    `json:"digest" doc:"SHA-256 of the campaign's file."`
	Opened time.Time `json:"opened"`
	Closed time.Time `json:"closed,omitzero"`
}

// offerAnswer is an offer with what is left of it.
type offerAnswer struct {
	Offer    string    `json:"offer"`
	Campaign string    `json:"campaign"`
	Day      string    `json:"day" doc:"The round's date in the district."`
	Point    string    `json:"point"`
	Name     string    `json:"name" doc:"The shop's."`
	Town     string    `json:"town,omitempty"`
	Part     int64     `json:"part" doc:"The window's number, from 0."`
	Pieces   int64     `json:"pieces"`
	Left     int64     `json:"left" doc:"Pieces that can be claimed now."`
	From     time.Time `json:"from" doc:"When claims begin."`
	Until    time.Time `json:"until" doc:"When claims end."`
	Fetch    time.Time `json:"fetch" doc:"From when it is fetched."`
	Last     time.Time `json:"last" doc:"When vouchers lapse."`
}

type (
	campaignList struct {
		Campaigns []campaignAnswer `json:"campaigns"`
	}
	offersInput struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Day      string `query:"day" doc:"The first round's date; today if not given."`
	}
	offerList struct {
		Offers []offerAnswer `json:"offers"`
	}
	claimInput struct {
		Offer   string            `form:"offer" json:"offer" max:"40"`
		For     string            `form:"for" json:"for,omitempty" max:"40"`
		Address string            `form:"address" json:"address,omitempty" max:"200"`
		Answers map[string]string `form:"-" json:"answers,omitempty"`
	}
	claimBody      struct{ Body claimInput }
	allotmentInput struct {
		Offer     string `path:"offer" doc:"The offer's id."`
		Allotment string `path:"allotment" doc:"The allotment's id."`
	}
	allotmentList struct {
		Allotments []ration.Allotment `json:"allotments"`
	}
)

func (p *pages) publicAPI(a *api.API) {
	api.Add(a, api.Op{ID: "listCampaigns", Method: http.MethodGet, Path: "/ration/campaigns", Group: group, Access: web.Public, Class: admission.Result},
		func(ctx context.Context, _ api.Call, _ *struct{}) (campaignList, error) {
			list, err := p.Campaigns(ctx)
			out := campaignList{make([]campaignAnswer, len(list))}
			for i, v := range list {
				out.Campaigns[i] = campaignAnswer{v.Campaign, v.State, v.Digest, v.Opened, v.Closed}
			}
			return out, err
		})
	api.Add(a, api.Op{ID: "listOffers", Method: http.MethodGet, Path: "/ration/campaigns/{campaign}/offers", Group: group, Access: web.Public, Class: admission.Result},
		func(ctx context.Context, _ api.Call, in *offersInput) (offerList, error) {
			from := ration.DayOf(p.Now().In(p.Zone))
			if in.Day != "" {
				var err error
				if from, err = day(in.Day); err != nil {
					return offerList{}, err
				}
			}
			list, err := p.Offers(ctx, in.Campaign, from, daysShown)
			out := offerList{make([]offerAnswer, len(list))}
			for i, o := range list {
				out.Offers[i] = offerAnswer{o.ID, o.Campaign, o.Day.String(), o.Point, o.At.Name, o.At.Town, o.Part, o.Pieces, o.Left, o.From, o.Until, o.Fetch, o.Last}
			}
			return out, err
		})
	claims := web.Needs(ration.MayClaim)
	api.Add(a, api.Op{ID: "claimRation", Method: http.MethodPost, Path: "/ration/claims", Group: group, Access: claims, Class: admission.Claim, Hot: true, Quick: p.quickClaim},
		func(ctx context.Context, c api.Call, in *claimBody) (ration.Allotment, error) {
			b := in.Body
			return p.Claim(ctx, c.By, ration.ClaimInput{Offer: b.Offer, For: b.For, Address: b.Address, Answers: b.Answers, Key: c.Key})
		})
	api.Add(a, api.Op{ID: "listAllotments", Method: http.MethodGet, Path: "/ration/allotments", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, _ *struct{}) (allotmentList, error) {
			list, err := p.Mine(ctx, c.By)
			return allotmentList{list}, err
		})
	api.Add(a, api.Op{ID: "giveBackRation", Method: http.MethodPost, Path: "/ration/offers/{offer}/allotments/{allotment}/give-back", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *allotmentInput) (ration.Allotment, error) {
			return p.GiveBack(ctx, c.By, in.Offer, in.Allotment)
		})
}

// daysShown is how many rounds a list of offers holds.
const daysShown = 7

func day(text string) (ration.Day, error) {
	d, err := ration.ParseDay(text)
	if err != nil {
		err = badDay()
	}
	return d, err
}

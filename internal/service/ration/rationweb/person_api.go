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
	enterBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     askInput
	}
	familyBody   struct{ Body familyInput }
	familyAnswer struct {
		Head string `path:"person" doc:"Who wants to ask for one, by their id."`
		Body familyYes
	}
	familyMember struct {
		Person string `path:"person" doc:"Somebody one asks for, or who asks for one; \"asked\" takes back what nobody answered."`
	}
	familyDone struct {
		Person string `json:"person"`
	}
	withdrawn struct {
		Campaign string `json:"campaign"`
	}
)

// personAPI is what people and firms do about draws and families, for programs.
func (p *pages) personAPI(a *api.API) {
	claims := web.Needs(ration.MayClaim)
	api.Add(a, api.Op{ID: "getCampaign", Method: http.MethodGet, Path: "/ration/campaigns/{campaign}", Group: group, Access: web.Public, Class: admission.Result},
		func(ctx context.Context, _ api.Call, in *campaignInput) (campaignAnswer, error) {
			v, err := p.CampaignView(ctx, in.Campaign)
			return campaignAnswer{v.Campaign, v.State, digestOf(v), v.Opened, v.Closed}, err
		})
	api.Add(a, api.Op{ID: "enterDraw", Method: http.MethodPost, Path: "/ration/campaigns/{campaign}/entries", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *enterBody) (entryList, error) {
			b := in.Body
			list, err := p.EnterDraw(ctx, c.By, ration.EnterInput{Campaign: in.Campaign, Point: b.Point, For: b.For, Address: b.Address, Answers: b.Answers, Key: c.Key})
			return entriesOf(list), err
		})
	api.Add(a, api.Op{ID: "listEntries", Method: http.MethodGet, Path: "/ration/entries", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, _ *struct{}) (entryList, error) {
			list, err := p.MyEntries(ctx, c.By)
			return entriesOf(list), err
		})
	api.Add(a, api.Op{ID: "withdrawEntries", Method: http.MethodPost, Path: "/ration/campaigns/{campaign}/withdraw", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *campaignInput) (withdrawn, error) {
			return withdrawn{in.Campaign}, p.Withdraw(ctx, c.By, in.Campaign)
		})
	api.Add(a, api.Op{ID: "listFamily", Method: http.MethodGet, Path: "/ration/family", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, _ *struct{}) (ration.Kin, error) { return p.Family(ctx, c.By) })
	api.Add(a, api.Op{ID: "addFamily", Method: http.MethodPost, Path: "/ration/family", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *familyBody) (familyAdded, error) {
			id, asked, err := p.AddFamily(ctx, c.By, ration.FamilyInput{Name: in.Body.Name, IDKind: in.Body.Kind, IDNumber: in.Body.Number, Key: c.Key})
			return familyAdded{id, asked}, err
		})
	api.Add(a, api.Op{ID: "answerFamily", Method: http.MethodPost, Path: "/ration/family/{person}/answer", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *familyAnswer) (familyDone, error) {
			yes, err := in.Body.said()
			if err != nil {
				return familyDone{}, err
			}
			return familyDone{in.Head}, p.AnswerFamily(ctx, c.By, in.Head, yes)
		})
	api.Add(a, api.Op{ID: "leaveFamily", Method: http.MethodPost, Path: "/ration/family/{person}/leave", Group: group, Access: claims},
		func(ctx context.Context, c api.Call, in *familyMember) (familyDone, error) {
			return familyDone{in.Person}, p.partFamily(ctx, c.By, in.Person)
		})
}

// digestOf is a campaign's digest; none of one that was not found.
func digestOf(v ration.View) string {
	if v.Campaign == nil {
		return ""
	}
	return v.Digest
}

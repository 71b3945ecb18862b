package rationweb

import (
	"context"
	"net/http"

	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

type (
	openBody  struct{ Body openInput }
	pointBody struct{ Body openPointInput }
	staffBody struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
		Body  staffInput
	}
	supplyBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     supplyInput
	}
	planBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     planInput
	}
	recallBody struct {
		Lot  string `path:"lot" doc:"The lot's id."`
		Body recallInput
	}
	freezeBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     freezeInput
	}
	drawBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     runInput
	}
	bookBody      struct{ Body bookInput }
	deskEnterBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     deskEnterInput
	}
	closeBody struct {
		Campaign string `path:"campaign" doc:"The campaign's id."`
		Body     closeInput
	}
	pointsBody struct{ Body pointsInput }
	pointList  struct {
		Points []supplyPoint `json:"points"`
		Closed []closedPoint `json:"closed" doc:"Closed now: nothing is handed over or booked there."`
	}
	closePointBody struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
		Body  closePointInput
	}
	reopenPointBody struct {
		Point string `path:"point" doc:"The shop's or depot's id."`
		Body  reopenPointInput
	}
	nothingMore struct{}
)

// deskAPI is the district's desk of supplies for programs, and the open data.
func (p *pages) deskAPI(a *api.API) {
	see, plan, enter := web.Needs(ration.MayReview), web.Needs(ration.MayPlan), web.Needs(ration.MayEnter)
	op := func(id, method, path string, access web.Access) api.Op {
		return api.Op{ID: id, Method: method, Path: "/ration" + path, Group: group, Access: access}
	}
	const post, get = http.MethodPost, http.MethodGet
	api.Add(a, op("openCampaign", post, "/campaigns", web.Needs(ration.MayOpen)), func(ctx context.Context, c api.Call, in *openBody) (api.Act, error) {
		act, err := p.OpenCampaign(ctx, c.By, ration.OpenInput{File: []byte(in.Body.Source), Reason: in.Body.Reason, Key: c.Key})
		return api.ActOf(act), err
	})
	api.Add(a, op("getSupplies", get, "/campaigns/{campaign}/overview", see), func(ctx context.Context, c api.Call, in *campaignInput) (ration.Overview, error) {
		return p.Overview(ctx, c.By, in.Campaign)
	})
	api.Add(a, op("listPoints", get, "/points", web.Public), func(ctx context.Context, _ api.Call, _ *struct{}) (pointList, error) {
		list, err := p.PointsKnown(ctx)
		out := pointList{[]supplyPoint{}, []closedPoint{}}
		for _, x := range list {
			if x.Closed.IsZero() {
				out.Points = append(out.Points, supplyPointOf(x))
			} else {
				out.Closed = append(out.Closed, closedPointOf(x))
			}
		}
		return out, err
	})
	api.Add(a, op("openPoint", post, "/points", plan), func(ctx context.Context, c api.Call, in *pointBody) (supplyPoint, error) {
		x := in.Body.point()
		x.Key = c.Key
		made, err := p.OpenPoint(ctx, c.By, x)
		return supplyPointOf(made), err
	})
	api.Add(a, op("openPoints", post, "/points/list", plan), func(ctx context.Context, c api.Call, in *pointsBody) (pointsAdded, error) {
		n, err := p.OpenPoints(ctx, c.By, in.Body.list(), c.Key)
		return pointsAdded{n}, err
	})
	api.Add(a, op("addStorekeeper", post, "/points/{point}/staff", plan), func(ctx context.Context, c api.Call, in *staffBody) (storekeeper, error) {
		made, err := p.Accounts.AddAccount(ctx, c.By, in.Body.at(in.Point))
		return storekeeper{made.ID, made.Login, in.Point}, err
	})
	api.Add(a, op("closePoint", post, "/points/{point}/close", plan), func(ctx context.Context, c api.Call, in *closePointBody) (closedPoint, error) {
		x := in.Body.at(in.Point)
		x.Key = c.Key
		made, err := p.ClosePoint(ctx, c.By, x)
		return closedPointOf(made), err
	})
	api.Add(a, op("reopenPoint", post, "/points/{point}/open", plan), func(ctx context.Context, c api.Call, in *reopenPointBody) (supplyPoint, error) {
		made, err := p.ReopenPoint(ctx, c.By, in.Point, in.Body.Reason, c.Key)
		return supplyPointOf(made), err
	})
	api.Add(a, op("addSupply", post, "/campaigns/{campaign}/supply", plan), func(ctx context.Context, c api.Call, in *supplyBody) (nothingMore, error) {
		return nothingMore{}, p.Supply(ctx, c.By, in.Campaign, in.Body.Pieces, in.Body.Reason, c.Key)
	})
	api.Add(a, op("planOffers", post, "/campaigns/{campaign}/offers", plan), func(ctx context.Context, c api.Call, in *planBody) (offersPlanned, error) {
		x, _, err := in.Body.plan(in.Campaign)
		if err != nil {
			return offersPlanned{}, err
		}
		list, err := p.Service.Plan(ctx, c.By, x)
		return offersMade(list), err
	})
	api.Add(a, op("recallLot", post, "/lots/{lot}/recall", web.Needs(ration.MayRecall)), func(ctx context.Context, c api.Call, in *recallBody) (nothingMore, error) {
		return nothingMore{}, p.Recall(ctx, c.By, in.Lot, in.Body.Reason, c.Key)
	})
	api.Add(a, op("freezeDraw", post, "/campaigns/{campaign}/draws/freeze", plan), func(ctx context.Context, c api.Call, in *freezeBody) (drawDone, error) {
		x, err := in.Body.freeze(in.Campaign)
		if err != nil {
			return drawDone{}, err
		}
		d, err := p.Freeze(ctx, c.By, x)
		return drawSaid(d), err
	})
	api.Add(a, op("runDraw", post, "/campaigns/{campaign}/draws/run", plan), func(ctx context.Context, c api.Call, in *drawBody) (drawDone, error) {
		on, values, err := in.Body.values()
		if err != nil {
			return drawDone{}, err
		}
		d, err := p.RunDraw(ctx, c.By, in.Campaign, on, values...)
		return drawSaid(d), err
	})
	api.Add(a, op("claimAtDesk", post, "/claims/desk", enter), func(ctx context.Context, c api.Call, in *bookBody) (ration.Allotment, error) {
		x := in.Body.claim()
		x.Key = c.Key
		return p.ClaimAtDesk(ctx, c.By, x)
	})
	api.Add(a, op("enterAtDesk", post, "/campaigns/{campaign}/entries/desk", enter), func(ctx context.Context, c api.Call, in *deskEnterBody) (entryList, error) {
		e, err := p.EnterAtDesk(ctx, c.By, in.Body.entry(in.Campaign))
		if err != nil {
			return entryList{}, err
		}
		return entriesOf([]ration.Entry{e}), nil
	})
	api.Add(a, op("closeCampaign", post, "/campaigns/{campaign}/close", plan), func(ctx context.Context, c api.Call, in *closeBody) (nothingMore, error) {
		return nothingMore{}, p.CloseCampaign(ctx, c.By, in.Campaign, in.Body.Reason, c.Key)
	})
	api.Add(a, op("auditLedger", post, "/ledger/audit", see), func(ctx context.Context, c api.Call, _ *struct{}) (ledgerProof, error) {
		got, err := p.AuditLedger(ctx, c.By)
		return proofSaid(got), err
	})
	feedAPI(a)
}

package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/i18n"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addReviews(a *api.API) {
	const group = "reviews"
	api.Add(a, get("listReviews", "/reviews", group, workresume.MayDecide), p.listReviews)
	api.Add(a, get("listFirmReviews", "/firms/{firm}/reviews", group, workresume.MaySee), p.listFirmReviews)
	api.Add(a, post("askReview", "/reviews/{review}/ask", group, workresume.MayFile), p.askReview)
	api.Add(a, post("settleReview", "/reviews/{review}/settle", group, workresume.MayDecide), p.settleReview)
}

type apiReviews struct {
	Reviews []apiReview `json:"reviews"`
}

// apiReview is a person whom one firm's file names and another's roster has.
type apiReview struct {
	ID        string                 `json:"id"`
	Firm      string                 `json:"firm"`
	FirmName  string                 `json:"firm_name"`
	OtherFirm string                 `json:"other_firm" doc:"Empty where the caller may not see that firm."`
	OtherName string                 `json:"other_firm_name"`
	Person    apiMasked              `json:"person"`
	State     workresume.ReviewState `json:"state" enum:"found,asked,moved,kept"`
	Note      string                 `json:"note"`
	Found     time.Time              `json:"found"`
}

// apiMasked is a person as lists show them.
type apiMasked struct {
	ID       string `json:"id"`
	Name     string `json:"name" doc:"Masked."`
	IDNumber string `json:"id_number" doc:"Masked."`
	Phone    string `json:"phone" doc:"Masked."`
}

func reviews(list []workresume.Review) apiReviews {
	out := apiReviews{Reviews: make([]apiReview, len(list))}
	for i, v := range list {
		out.Reviews[i] = apiReview{
			v.ID, v.Firm, v.FirmName, v.OtherFirm, v.OtherName,
			apiMasked{v.Person.ID, v.Person.Name, v.Person.IDNumber, v.Person.Phone},
			v.State, v.Note, v.Found,
		}
	}
	return out
}

func (p *resumptionAPI) listReviews(ctx context.Context, c api.Call, _ *struct{}) (apiReviews, error) {
	list, err := p.Reviews(ctx, c.By, "")
	return reviews(list), err
}

func (p *resumptionAPI) listFirmReviews(ctx context.Context, c api.Call, in *apiFirmInput) (apiReviews, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiReviews{}, err
	}
	list, err := p.Reviews(ctx, c.By, firm)
	return reviews(list), err
}

type apiAskInput struct {
	Review string `path:"review" doc:"The review's id."`
	Body   struct {
		Note string `json:"note,omitempty" maxLength:"500" doc:"For the officer."`
	}
}

type apiReviewState struct {
	ID    string                 `json:"id"`
	State workresume.ReviewState `json:"state" enum:"asked,moved,kept"`
}

func (p *resumptionAPI) askReview(ctx context.Context, c api.Call, in *apiAskInput) (apiReviewState, error) {
	err := p.AskReview(ctx, c.By, in.Review, in.Body.Note, c.Key)
	return apiReviewState{in.Review, workresume.ReviewAsked}, err
}

type apiSettleInput struct {
	Review string `path:"review" doc:"The review's id."`
	Body   struct {
		Move   *bool  `json:"move" nullable:"false" doc:"True: to the asking firm's roster. False: the person stays."`
		Reason string `json:"reason" minLength:"2" maxLength:"500" doc:"Told to the firms."`
	}
}

func (p *resumptionAPI) settleReview(ctx context.Context, c api.Call, in *apiSettleInput) (apiReviewState, error) {
	if in.Body.Move == nil {
		return apiReviewState{}, missing("move", "fault.wrong_type", "want", i18n.Key("fault.want_yes"))
	}
	err := p.SettleReview(ctx, c.By, in.Review, *in.Body.Move, in.Body.Reason, c.Key)
	state := workresume.ReviewKept
	if *in.Body.Move {
		state = workresume.ReviewMoved
	}
	return apiReviewState{in.Review, state}, err
}

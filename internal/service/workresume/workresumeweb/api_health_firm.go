package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

// addHealthFirm adds what firms and officers do about reports.
func (p *resumptionAPI) addHealthFirm(a *api.API) {
	const group = "health"
	api.Add(a, get("listMissingReports", "/firms/{firm}/reports", group, workresume.MaySee), p.listMissingReports)
	api.Add(a, post("remindReports", "/firms/{firm}/reports/remind", group, workresume.MayFile), p.remindReports)
	api.Add(a, post("readHealth", "/people/{person}/health", group, workresume.MayReadHealth), p.readHealth)
}

type apiMissingInput struct {
	Firm  string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	After string `query:"after" doc:"The next of the page before."`
}

// apiMissing is a firm's day of reports.
type apiMissing struct {
	Day      string          `json:"day"`
	Roster   int64           `json:"roster"`
	Reported int64           `json:"reported" doc:"People with a report today."`
	Missing  []apiUnreported `json:"missing" doc:"People without one, 50 a page. What others reported is nobody's but theirs."`
	Next     string          `json:"next" doc:"Send it as after for the next page; empty at the end."`
}

type apiUnreported struct {
	ID         string     `json:"id"`
	Name       string     `json:"name" doc:"Masked."`
	Phone      string     `json:"phone" doc:"Masked."`
	Number     string     `json:"number" doc:"The firm's own."`
	Reminded   int64      `json:"reminded" doc:"How often today."`
	RemindedAt *time.Time `json:"reminded_at"`
}

func missingOf(r workresume.Reporting) apiMissing {
	out := apiMissing{r.Day, r.Roster, r.Reported, make([]apiUnreported, len(r.Missing)), r.Next}
	for i, u := range r.Missing {
		out.Missing[i] = apiUnreported{u.ID, u.Name, u.Phone, u.Number, u.Reminded, moment(u.At)}
	}
	return out
}

func (p *resumptionAPI) listMissingReports(ctx context.Context, c api.Call, in *apiMissingInput) (apiMissing, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiMissing{}, err
	}
	r, err := p.MissingReports(ctx, c.By, firm, in.After)
	return missingOf(r), err
}

type apiRemindInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		People []string `json:"people,omitempty" maxItems:"500" doc:"Ids of people; leave out for everybody who has not reported today."`
	}
}

// apiReminded is how many were asked.
type apiReminded struct {
	Reminded int64 `json:"reminded" doc:"Who reported meanwhile, or was asked three times today, is not counted."`
}

func (p *resumptionAPI) remindReports(ctx context.Context, c api.Call, in *apiRemindInput) (apiReminded, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiReminded{}, err
	}
	n, err := p.Remind(ctx, c.By, workresume.RemindInput{Firm: firm, People: in.Body.People, Key: c.Key})
	return apiReminded{n}, err
}

type apiReadHealthInput struct {
	Person string `path:"person" doc:"The person's id."`
	Body   struct {
		Reason string `json:"reason" minLength:"4" maxLength:"200" doc:"Kept with who looked; the person reads it."`
	}
}

// readHealth looks once more when it is sent again, and says so in the log: an answer
// about somebody's health is not kept.
func (p *resumptionAPI) readHealth(ctx context.Context, c api.Call, in *apiReadHealthInput) (healthAnswer, error) {
	if _, err := p.PersonInReach(ctx, c.By, in.Person); err != nil {
		return healthAnswer{}, err
	}
	if err := p.claim(ctx, c); err != nil {
		return healthAnswer{}, err
	}
	h, err := p.ReadHealth(ctx, c.By, in.Person, in.Body.Reason)
	return healthOf(h, string(c.Say.Lang())), err
}

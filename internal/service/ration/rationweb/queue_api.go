package rationweb

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/service/ration"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

type (
	queueInput struct {
		Campaign string            `json:"campaign" max:"40"`
		For      string            `json:"for,omitempty" max:"40" doc:"A person of one's family; oneself if not given."`
		Address  string            `json:"address,omitempty" max:"200" doc:"Where shares count by the door."`
		Answers  map[string]string `json:"answers,omitempty" doc:"What the campaign asks, by name: yes, no or a whole number."`
	}
	queueBody  struct{ Body queueInput }
	queueQuery struct {
		Campaign string `query:"campaign" doc:"The campaign's id."`
		For      string `query:"for" doc:"A person of one's family; oneself if not given."`
	}
	codeInput struct {
		Code string `path:"code" doc:"The short code of a place, as it is read aloud."`
	}
)

// queueAPI is the waiting room for programs.
func (p *pages) queueAPI(a *api.API) {
	claims := web.Needs(ration.MayClaim)
	api.Add(a, api.Op{ID: "joinQueue", Method: http.MethodPost, Path: "/ration/queue", Group: group, Access: claims, Class: admission.Claim, Hot: true, Quick: p.quickJoin},
		func(ctx context.Context, c api.Call, in *queueBody) (ration.Place, error) {
			b := in.Body
			return p.JoinQueue(ctx, c.By, ration.QueueInput{Campaign: b.Campaign, For: b.For, Address: b.Address, Answers: b.Answers})
		})
	api.Add(a, api.Op{ID: "queuePlace", Method: http.MethodGet, Path: "/ration/queue", Group: group, Access: claims, Class: admission.Notice, Hot: true, Quick: p.quickPlace, Queried: true},
		func(ctx context.Context, c api.Call, in *queueQuery) (ration.Place, error) {
			return p.QueuePlace(ctx, c.By, ration.QueueInput{Campaign: in.Campaign, For: in.For})
		})
	api.Add(a, api.Op{ID: "placeByCode", Method: http.MethodGet, Path: "/ration/places/{code}", Group: group, Access: web.Public, Class: admission.Notice},
		func(ctx context.Context, c api.Call, in *codeInput) (ration.Place, error) {
			return p.byCode(ctx, c.R, in.Code)
		})
}

// byCode looks a place up, as often as the caller's network may try.
func (p *pages) byCode(ctx context.Context, r *http.Request, code string) (ration.Place, error) {
	right := func() {}
	if p.Try != nil {
		var err error
		if right, err = p.Try(r); err != nil {
			return ration.Place{}, err
		}
	}
	got, err := p.PlaceByCode(ctx, code)
	if err == nil {
		right()
	}
	return got, err
}

// quickJoin is joinQueue on the lane, for somebody who asks for themself and answers
// nothing.
func (p *pages) quickJoin(q *web.QuickAnswer) bool {
	var campaign string
	plain := web.Fields(q.Sent, func(name, value []byte) bool {
		if string(name) != "campaign" || campaign != "" || len(value) == 0 || len(value) > 40 {
			return false
		}
		campaign = string(value)
		return true
	})
	if !plain || campaign == "" {
		return false
	}
	got, err := p.JoinQueue(q.Context(), q.Who, ration.QueueInput{Campaign: campaign})
	if err != nil {
		return q.Refuse(err)
	}
	return say(q, got)
}

// quickPlace is queuePlace on the lane, from memory.
func (p *pages) quickPlace(q *web.QuickAnswer) bool {
	campaign, plain := queried(q.Query, "campaign")
	if !plain {
		return false
	}
	got, ok := p.PlaceNow(q.Who, campaign)
	return ok && say(q, got)
}

// queried is the value of the one parameter a query has, if it needs no decoding.
func queried(query, name string) (string, bool) {
	if len(query) <= len(name) || query[:len(name)] != name || query[len(name)] != '=' {
		return "", false
	}
	value := query[len(name)+1:]
	return value, value != "" && url.QueryEscape(value) == value
}

// say writes a quick answer in JSON.
func say(q *web.QuickAnswer, what any) bool {
	said, err := json.Marshal(what)
	if err != nil {
		return false
	}
	q.Body = append(append(q.Body, said...), '\n')
	return true
}

// noPlaceYet is whether somebody has no place, which is no failure of theirs.
func noPlaceYet(err error) bool { return fault.Is(err, "ration.no_place") }

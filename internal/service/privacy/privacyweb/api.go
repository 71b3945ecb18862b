package privacyweb

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/privacy"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

// Look is one time somebody opened the caller's details.
type Look struct {
	At     time.Time `json:"at"`
	Role   auth.Role `json:"role"`
	Place  string    `json:"place" doc:"The office's place; empty where it has gone since."`
	Reason string    `json:"reason"`
	What   string    `json:"what,omitempty" doc:"Of what, if not of name and numbers: health, appeal, voucher or address."`
}

// Own is one's own request, with what was asked and answered.
type Own struct {
	privacy.Request
	Wish   string `json:"wish,omitempty" doc:"What was asked, until it is settled."`
	Answer string `json:"answer,omitempty" doc:"The officer's words."`
}

// Waiting is a request an officer may settle; the person is masked.
type Waiting struct {
	privacy.Request
	Wish   string `json:"wish,omitempty"`
	Name   string `json:"name"`
	Number string `json:"number"`
	Phone  string `json:"phone"`
}

type (
	lookList struct {
		Looks []Look `json:"looks"`
	}
	ownList struct {
		Requests []Own `json:"requests"`
	}
	waitingInput struct {
		After string `query:"after" doc:"The last request of the page before."`
	}
	waitingList struct {
		Requests []Waiting `json:"requests"`
	}
	correctBody struct{ Body correctInput }
	eraseBody   struct{ Body eraseInput }
	settleBody  struct {
		Request string `path:"request" doc:"The request's id."`
		Body    settleInput
	}
)

// RegisterAPI adds the JSON twins of the pages.
func RegisterAPI(a *api.API, s *privacy.Service) {
	const group = "privacy"
	own, settle := web.Needs(privacy.MayAsk), web.Needs(privacy.MaySettle)
	api.Add(a, api.Op{ID: "listLooks", Method: http.MethodGet, Path: "/me/looks", Group: group, Access: own},
		func(ctx context.Context, c api.Call, _ *struct{}) (lookList, error) {
			list, err := s.Seen(ctx, c.By)
			out := lookList{make([]Look, len(list))}
			for i, l := range list {
				out.Looks[i] = Look{l.At, l.Role, l.Place, l.Reason, l.What}
			}
			return out, err
		})
	api.Add(a, api.Op{ID: "listOwnRequests", Method: http.MethodGet, Path: "/me/requests", Group: group, Access: own},
		func(ctx context.Context, c api.Call, _ *struct{}) (ownList, error) {
			list, err := s.Mine(ctx, c.By)
			out := ownList{make([]Own, len(list))}
			for i, q := range list {
				out.Requests[i] = Own{q, q.Wish, q.Answer}
			}
			return out, err
		})
	api.Add(a, api.Op{ID: "getOwnData", Method: http.MethodGet, Path: "/me/data", Group: group, Access: own},
		func(ctx context.Context, c api.Call, _ *struct{}) (privacy.Data, error) {
			return s.OwnFile(ctx, c.By, "")
		})
	api.Add(a, api.Op{ID: "askCorrection", Method: http.MethodPost, Path: "/me/corrections", Group: group, Access: own},
		func(ctx context.Context, c api.Call, in *correctBody) (privacy.Request, error) {
			return s.Ask(ctx, c.By, privacy.AskInput{Kind: privacy.Correct, Field: in.Body.Field, Wish: in.Body.Wish, Key: c.Key})
		})
	api.Add(a, api.Op{ID: "askErasure", Method: http.MethodPost, Path: "/me/erasure", Group: group, Access: own},
		func(ctx context.Context, c api.Call, in *eraseBody) (privacy.Request, error) {
			return s.Ask(ctx, c.By, privacy.AskInput{Kind: privacy.Erase, Wish: in.Body.Why, Key: c.Key})
		})
	api.Add(a, api.Op{ID: "listPrivacyRequests", Method: http.MethodGet, Path: "/privacy/requests", Group: group, Access: settle},
		func(ctx context.Context, c api.Call, in *waitingInput) (waitingList, error) {
			list, err := s.Waiting(ctx, c.By, in.After, 50)
			out := waitingList{make([]Waiting, len(list))}
			for i, q := range list {
				out.Requests[i] = Waiting{q.Request, q.Wish, q.Who.Name, q.Who.IDNumber, q.Who.Phone}
			}
			return out, err
		})
	api.Add(a, api.Op{ID: "settlePrivacyRequest", Method: http.MethodPost, Path: "/privacy/requests/{request}/settle", Group: group, Access: settle},
		func(ctx context.Context, c api.Call, in *settleBody) (privacy.Request, error) {
			grant, err := in.Body.grants()
			if err != nil {
				return privacy.Request{}, err
			}
			return s.Settle(ctx, c.By, privacy.SettleInput{Request: in.Request, Grant: grant, Reason: in.Body.Reason, Key: c.Key})
		})
}

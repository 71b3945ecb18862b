package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"breakwater/internal/kernel/dual"
	"breakwater/internal/web"
)

// Act is one act that needs two people.
type Act struct {
	ID           string          `json:"id"`
	Kind         string          `json:"kind" doc:"Which sort of act, \"workresume.restrict\"."`
	Subject      string          `json:"subject" doc:"Id of what it is done to."`
	State        string          `json:"state" enum:"proposed,confirmed,refused,withdrawn,expired"`
	Reason       string          `json:"reason"`
	Answer       string          `json:"answer,omitempty" doc:"Why it was refused."`
	Body         json.RawMessage `json:"body,omitempty" doc:"What was asked for, as its kind has it."`
	Proposer     string          `json:"proposer" doc:"Account that asked."`
	ProposerName string          `json:"proposer_name"`
	Second       string          `json:"second,omitempty" doc:"Account that answered."`
	SecondName   string          `json:"second_name,omitempty"`
	Proposed     time.Time       `json:"proposed"`
	Expires      time.Time       `json:"expires" doc:"From then on nobody can confirm it."`
	Ended        *time.Time      `json:"ended,omitempty"`
}

// ActOf is an act as the API shows it.
func ActOf(a dual.Act) Act {
	out := Act{
		ID: a.ID, Kind: a.Kind, Subject: a.Subject, State: a.State, Reason: a.Reason, Answer: a.Answer, Body: a.Body,
		Proposer: a.Proposer, ProposerName: a.ProposerName, Second: a.Second, SecondName: a.SecondName,
		Proposed: a.Proposed, Expires: a.Expires,
	}
	if !a.Ended.IsZero() {
		out.Ended = &a.Ended
	}
	return out
}

type actsInput struct {
	State string `query:"state" doc:"proposed, confirmed, refused, withdrawn or expired; proposed if left out."`
	Kind  string `query:"kind" doc:"One kind of act only."`
	After string `query:"after" doc:"Where the last page ended, its next."`
	Limit int64  `query:"limit" doc:"1 to 100; 50 if left out."`
}

type actsPage struct {
	Acts []Act  `json:"acts"`
	Next string `json:"next" doc:"Empty at the end."`
}

type actInput struct {
	Act string `path:"act" doc:"The act's id."`
}

type refuseActInput struct {
	Act  string `path:"act" doc:"The act's id."`
	Body struct {
		Reason string `json:"reason" minLength:"2" maxLength:"500" doc:"Read by who asked."`
	}
}

func (a *API) addActs() {
	const group = "acts"
	may := web.Needs(dual.MaySecond)
	Add(a, Op{ID: "listActs", Method: http.MethodGet, Path: "/acts", Group: group, Access: may}, a.listActs)
	Add(a, Op{ID: "getAct", Method: http.MethodGet, Path: "/acts/{act}", Group: group, Access: may}, a.getAct)
	Add(a, Op{ID: "confirmAct", Method: http.MethodPost, Path: "/acts/{act}/confirm", Group: group, Access: may}, a.confirmAct)
	Add(a, Op{ID: "refuseAct", Method: http.MethodPost, Path: "/acts/{act}/refuse", Group: group, Access: may}, a.refuseAct)
	Add(a, Op{ID: "withdrawAct", Method: http.MethodPost, Path: "/acts/{act}/withdraw", Group: group, Access: may}, a.withdrawAct)
}

func (a *API) listActs(ctx context.Context, c Call, in *actsInput) (actsPage, error) {
	f := dual.Filter{State: in.State, After: in.After, Limit: int(min(in.Limit, 100))}
	if in.Kind != "" {
		f.Kinds = []string{in.Kind}
	}
	list, next, err := a.Acts.List(ctx, c.By, f)
	out := actsPage{Acts: make([]Act, len(list)), Next: next}
	for i, one := range list {
		out.Acts[i] = ActOf(one)
	}
	return out, err
}

func (a *API) getAct(ctx context.Context, c Call, in *actInput) (Act, error) {
	act, err := a.Acts.Act(ctx, c.By, in.Act)
	return ActOf(act), err
}

func (a *API) confirmAct(ctx context.Context, c Call, in *actInput) (Act, error) {
	act, err := a.Acts.Confirm(ctx, c.By, in.Act, c.Key)
	return ActOf(act), err
}

func (a *API) refuseAct(ctx context.Context, c Call, in *refuseActInput) (Act, error) {
	act, err := a.Acts.Refuse(ctx, c.By, in.Act, in.Body.Reason, c.Key)
	return ActOf(act), err
}

func (a *API) withdrawAct(ctx context.Context, c Call, in *actInput) (Act, error) {
	act, err := a.Acts.Withdraw(ctx, c.By, in.Act, c.Key)
	return ActOf(act), err
}

package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/once"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addPeople(a *api.API) {
	const group = "people"
	api.Add(a, get("listMembers", "/firms/{firm}/members", group, workresume.MaySee), p.listMembers)
	api.Add(a, post("leaveRoster", "/firms/{firm}/members/leave", group, workresume.MayFile), p.leaveRoster)
	api.Add(a, post("returnToRoster", "/firms/{firm}/members/return", group, workresume.MayFile), p.returnToRoster)
	api.Add(a, post("revealPerson", "/firms/{firm}/members/{person}/reveal", group, workresume.MayReveal), p.revealPerson)
	api.Add(a, post("renamePerson", "/firms/{firm}/members/{person}/name", group, workresume.MayDecide), p.renamePerson)
}

type apiMembersInput struct {
	Firm  string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Query string `query:"q" doc:"A full ID number, a phone, a name or part of one."`
	Left  bool   `query:"left" doc:"Those who left instead of those who are here."`
	After string `query:"after" doc:"The next of the page before."`
}

type apiMembers struct {
	Members []apiMember `json:"members"`
	Next    string      `json:"next" doc:"Send it as after for the next page; empty at the end."`
}

// apiMember is a person on a roster, masked.
type apiMember struct {
	ID         string     `json:"id"`
	Name       string     `json:"name" doc:"Masked."`
	IDNumber   string     `json:"id_number" doc:"Masked."`
	Phone      string     `json:"phone" doc:"Masked."`
	Number     string     `json:"number" doc:"The firm's own."`
	Department string     `json:"department"`
	Post       string     `json:"post"`
	Joined     time.Time  `json:"joined"`
	Left       *time.Time `json:"left" doc:"Null while on the roster."`
}

func (p *resumptionAPI) listMembers(ctx context.Context, c api.Call, in *apiMembersInput) (apiMembers, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiMembers{}, err
	}
	list, next, err := p.Members(ctx, c.By, firm, workresume.MemberFilter{Query: in.Query, Left: in.Left, After: in.After})
	out := apiMembers{Members: make([]apiMember, len(list)), Next: next}
	for i, m := range list {
		out.Members[i] = listed(m)
	}
	return out, err
}

func listed(m workresume.Member) apiMember {
	return apiMember{m.ID, m.Name, m.IDNumber, m.Phone, m.Number, m.Department, m.Post, m.Joined, moment(m.Left)}
}

type apiRenameInput struct {
	Firm   string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Person string `path:"person" doc:"The person's id."`
	Body   struct {
		Name   string `json:"name" minLength:"1" maxLength:"60" doc:"As on the card."`
		Reason string `json:"reason" minLength:"4" maxLength:"200" doc:"What was seen; kept with the old name."`
	}
}

func (p *resumptionAPI) renamePerson(ctx context.Context, c api.Call, in *apiRenameInput) (apiMember, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiMember{}, err
	}
	m, err := p.Rename(ctx, c.By, workresume.RenameInput{Firm: firm, Person: in.Person, Name: in.Body.Name, Reason: in.Body.Reason, Key: c.Key})
	return listed(m), err
}

type apiMoveInput struct {
	Firm string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Body struct {
		People []string `json:"people" minItems:"1" maxItems:"500" doc:"Ids of people."`
	}
}

type apiMoved struct {
	Moved int64 `json:"moved" doc:"People whose standing changed; who was so already is not counted."`
}

func (p *resumptionAPI) leaveRoster(ctx context.Context, c api.Call, in *apiMoveInput) (apiMoved, error) {
	return p.shift(ctx, c, in, p.Leave)
}

func (p *resumptionAPI) returnToRoster(ctx context.Context, c api.Call, in *apiMoveInput) (apiMoved, error) {
	return p.shift(ctx, c, in, p.Return)
}

func (p *resumptionAPI) shift(ctx context.Context, c api.Call, in *apiMoveInput,
	do func(context.Context, auth.Principal, string, []string, once.Key) (int64, error),
) (apiMoved, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiMoved{}, err
	}
	n, err := do(ctx, c.By, firm, in.Body.People, c.Key)
	return apiMoved{n}, err
}

type apiRevealInput struct {
	Firm   string `path:"firm" doc:"The firm's id, or its 18-character credit code."`
	Person string `path:"person" doc:"The person's id."`
	Body   struct {
		Reason string `json:"reason" minLength:"4" maxLength:"200" doc:"Kept with who looked."`
	}
}

// apiPerson is a person in the open.
type apiPerson struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	IDKind   string `json:"id_kind"`
	IDNumber string `json:"id_number"`
	Phone    string `json:"phone"`
	Address  string `json:"address"`
	Native   string `json:"native_place"`
}

// revealPerson opens a person once more when it is sent again, and says so in the
// log: an answer with a name in it is not kept.
func (p *resumptionAPI) revealPerson(ctx context.Context, c api.Call, in *apiRevealInput) (apiPerson, error) {
	firm, err := p.firmOf(ctx, c.By, in.Firm)
	if err != nil {
		return apiPerson{}, err
	}
	if err := p.claim(ctx, c); err != nil {
		return apiPerson{}, err
	}
	x, err := p.Reveal(ctx, c.By, firm, in.Person, in.Body.Reason)
	if err != nil {
		return apiPerson{}, err
	}
	return apiPerson{x.ID, x.Name, x.IDKind, x.IDNumber, x.Phone, x.Address, x.Native}, nil
}

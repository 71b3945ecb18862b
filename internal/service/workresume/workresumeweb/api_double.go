package workresumeweb

import (
	"context"

	"breakwater/internal/admission"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addDouble(a *api.API) {
	const group = "people"
	api.Add(a, important(admission.Statistics, get("listDoubles", "/doubles", group, workresume.MayMerge)), p.listDoubles)
	api.Add(a, get("getPersonRecords", "/people/{person}/records", group, workresume.MayMerge), p.getPersonRecords)
	api.Add(a, post("mergePeople", "/people/{person}/same", group, workresume.MayMerge), p.mergePeople)
	api.Add(a, post("confirmMerge", "/doubles/{act}/confirm", group, workresume.MayMerge), p.confirmMerge)
	api.Add(a, post("splitPeople", "/people/{person}/split", group, workresume.MayMerge), p.splitPeople)
}

func (p *resumptionAPI) listDoubles(ctx context.Context, c api.Call, _ *struct{}) (workresume.DoubleList, error) {
	return p.Doubles(ctx, c.By)
}

type apiRecordsInput struct {
	Person string `path:"person" doc:"The id of one of the person's records."`
}

func (p *resumptionAPI) getPersonRecords(ctx context.Context, c api.Call, in *apiRecordsInput) (workresume.PersonWhole, error) {
	return p.PersonOf(ctx, c.By, in.Person)
}

type apiMergeInput struct {
	Person string `path:"person" doc:"The id of one record."`
	Body   struct {
		Other  string `json:"other" doc:"The id of the other record."`
		Reason string `json:"reason" minLength:"10" maxLength:"500" doc:"What shows that they are one person."`
	}
}

func (p *resumptionAPI) mergePeople(ctx context.Context, c api.Call, in *apiMergeInput) (api.Act, error) {
	a, err := p.MergePeople(ctx, c.By, workresume.MergeInput{First: in.Person, Second: in.Body.Other, Reason: in.Body.Reason, Key: c.Key})
	return api.ActOf(a), err
}

type apiConfirmMergeInput struct {
	Act string `path:"act" doc:"The id that mergePeople gave."`
}

func (p *resumptionAPI) confirmMerge(ctx context.Context, c api.Call, in *apiConfirmMergeInput) (apiConfirmed, error) {
	return apiConfirmed{in.Act}, p.ConfirmMerge(ctx, c.By, in.Act, c.Key)
}

type apiSplitInput struct {
	Person string `path:"person" doc:"The id of the record to take from the others."`
	Body   struct {
		Reason string `json:"reason" minLength:"10" maxLength:"500" doc:"What shows that they are not one person."`
	}
}

type apiSplit struct {
	Records []string `json:"records" doc:"The ids of those that were one person."`
}

func (p *resumptionAPI) splitPeople(ctx context.Context, c api.Call, in *apiSplitInput) (apiSplit, error) {
	ids, err := p.SplitPeople(ctx, c.By, workresume.SplitInput{Person: in.Person, Reason: in.Body.Reason, Key: c.Key})
	return apiSplit{ids}, err
}

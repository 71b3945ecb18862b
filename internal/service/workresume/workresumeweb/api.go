package workresumeweb

import (
	"context"
	"net/http"
	"strings"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/fault"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

// resumptionAPI is work resumption for programs.
type resumptionAPI struct {
	*workresume.Service
	claim func(context.Context, api.Call) error
}

// RegisterAPI adds the operations of work resumption.
func RegisterAPI(a *api.API, s *workresume.Service) {
	p := &resumptionAPI{s, func(ctx context.Context, c api.Call) error { return a.Claim(ctx, c.Key) }}
	p.addFirms(a)
	p.addRosters(a)
	p.addPeople(a)
	p.addReviews(a)
	p.addCases(a)
	p.addGate(a)
	p.addHealth(a)
	p.addHealthFirm(a)
	p.addHelp(a)
	p.addTravel(a)
	p.addPaper(a)
	p.addDouble(a)
	p.addPolicies(a)
	p.addWatch(a)
	p.addBoard(a)
	a.Stream("firm", p.sees)
}

// get and post are operations as most are.
func get(id, path, group string, may auth.Permission) api.Op {
	return api.Op{ID: id, Method: http.MethodGet, Path: path, Group: group, Access: web.Needs(may)}
}

func post(id, path, group string, may auth.Permission) api.Op {
	return api.Op{ID: id, Method: http.MethodPost, Path: path, Group: group, Access: web.Needs(may)}
}

// important gives an operation a class of its own.
func important(c admission.Class, op api.Op) api.Op {
	op.Class = c
	return op
}

// sees lets whoever may see a firm prove what is in its story. What the firm was
// told it may read whole; a story also holds ids of other firms, which it may not.
func (p *resumptionAPI) sees(ctx context.Context, by auth.Principal, firm, fact string) (whole bool, err error) {
	if _, err := p.Firm(ctx, by, firm); err != nil {
		return false, err
	}
	switch fact {
	case "workresume.registered", "workresume.filed", "workresume.decided", "workresume.overridden", "workresume.watched", "workresume.stock":
		return true, nil
	}
	return by.Role != auth.Firm, nil
}

// firmOf is the id of a firm that is named by id or by its credit code.
//
// Faults: NotFound, also for a firm that is not the caller's to see.
func (p *resumptionAPI) firmOf(ctx context.Context, by auth.Principal, ref string) (string, error) {
	if strings.HasPrefix(ref, "fir_") {
		return ref, nil
	}
	f, err := p.FirmByCode(ctx, by, ref)
	return f.ID, err
}

// gateOf is the gate meant: the one named, else the one the caller stands at.
func gateOf(by auth.Principal, gate string) (string, error) {
	switch {
	case gate != "":
		return gate, nil
	case by.Scope.Kind == auth.AtGate:
		return by.Scope.ID, nil
	}
	return "", fault.New(fault.Invalid, "fault.fields").With("gate", "api.gate_missing")
}

// moment is t, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// filled is the arguments of a message as they were before JSON made every
// number a float, which is written with decimals.
func filled(args map[string]any) fault.Args {
	out := make(fault.Args, len(args))
	for k, v := range args {
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			v = int64(f)
		}
		out[k] = v
	}
	return out
}

// missing refuses an input without a field it needs.
func missing(field, code string, args ...any) error {
	return fault.New(fault.Invalid, "fault.fields").With(field, code, args...)
}

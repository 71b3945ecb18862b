package workresumeweb

import (
	"context"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
)

// Places is asked for the district's parks by name.
type Places interface {
	Parks(ctx context.Context, lang string) ([]Park, error)
}

// Park is a place firms lie in.
type Park struct{ ID, Name string }

// Streets is asked for the district's streets by name.
type Streets interface {
	Streets(ctx context.Context, lang string) ([]Park, error)
}

// Stories is asked what happened to something, newest first.
type Stories interface {
	Story(ctx context.Context, stream string, limit int) ([]eventlog.Record, error)
}

// Gates is asked for the gates that lie inside a scope, by name.
type Gates interface {
	Gates(ctx context.Context, at auth.Scope, lang string) ([]Park, error)
}

// Deps is what the pages need beside the service.
type Deps struct {
	Places  Places
	Streets Streets // nil: the board names none
	Gates   Gates
	Stories Stories
	Now     clock.Clock
	Zone    *time.Location // the district's

	TrustList string // where the district's keys are listed, for gates without a network
}

// pages holds nothing of its own but pages of codes without their people.
type pages struct {
	*workresume.Service
	Deps
	shells *web.Shells[codeSort]
}

// Routes are the pages of work resumption.
func Routes(s *workresume.Service, d Deps) web.Routes {
	p := &pages{s, d, &web.Shells[codeSort]{}}
	var out web.Routes
	out = append(out, p.firmRoutes()...)
	out = append(out, p.deskRoutes()...)
	out = append(out, p.caseRoutes()...)
	out = append(out, p.lateRoutes()...)
	out = append(out, p.photoRoutes()...)
	out = append(out, p.firmCaseRoutes()...)
	out = append(out, p.codeRoutes()...)
	out = append(out, p.healthRoutes()...)
	out = append(out, p.restrictRoutes()...)
	out = append(out, p.evidenceRoutes()...)
	out = append(out, p.healthReadRoutes()...)
	out = append(out, p.helpRoutes()...)
	out = append(out, p.helpAppealRoutes()...)
	out = append(out, p.travelRoutes()...)
	out = append(out, p.riskFileRoutes()...)
	out = append(out, p.paperRoutes()...)
	out = append(out, p.doubleRoutes()...)
	out = append(out, p.gateRoutes()...)
	out = append(out, p.publicRoutes()...)
	out = append(out, p.boardRoutes()...)
	out = append(out, p.wallRoutes()...)
	out = append(out, p.policyRoutes()...)
	out = append(out, p.flagRoutes()...)
	out = append(out, p.powerRoutes()...)
	return out
}

package app

import (
	"context"

	"breakwater/internal/kernel/auth"
	"breakwater/internal/kernel/eventlog"
	"breakwater/internal/kernel/place"
	"breakwater/internal/service/workresume/workresumeweb"
	"breakwater/internal/storage"
	"breakwater/internal/web/ui"
)

// sites names parks and gates for the pages of work resumption, and tells them
// what the log has of something.
type sites struct{ *App }

// Parks are the district's parks, oldest first.
func (s sites) Parks(ctx context.Context, lang string) ([]workresumeweb.Park, error) {
	return s.named(ctx, place.Park, auth.Scope{}, lang)
}

// parkChoices are the parks a firm may say it works in.
func (a *App) parkChoices(ctx context.Context, lang string) ([]ui.Option, error) {
	parks, err := sites{a}.Parks(ctx, lang)
	out := make([]ui.Option, len(parks))
	for i, p := range parks {
		out[i] = ui.Option{Value: p.ID, Text: p.Name}
	}
	return out, err
}

// Streets are the district's streets, oldest first.
func (s sites) Streets(ctx context.Context, lang string) ([]workresumeweb.Park, error) {
	return s.named(ctx, place.Street, auth.Scope{}, lang)
}

// Gates are the gates inside a park, or of a firm; a gate's own scope is itself.
func (s sites) Gates(ctx context.Context, at auth.Scope, lang string) ([]workresumeweb.Park, error) {
	return s.named(ctx, place.Gate, at, lang)
}

func (s sites) named(ctx context.Context, kind place.Kind, at auth.Scope, lang string) ([]workresumeweb.Park, error) {
	var out []workresumeweb.Park
	err := s.DB.Read(ctx, func(r storage.Reader) error {
		out = nil
		all, err := place.All(r, kind)
		for _, one := range all {
			if at.ID != "" && !one.Within(at.ID) && (at.Kind != auth.AtFirm || one.Organisation != at.ID) {
				continue
			}
			out = append(out, workresumeweb.Park{ID: one.ID, Name: one.In(lang)})
		}
		return err
	})
	return out, err
}

// Story is what happened in a stream, newest first.
func (s sites) Story(ctx context.Context, stream string, limit int) ([]eventlog.Record, error) {
	return s.Log.Stream(ctx, stream, limit)
}

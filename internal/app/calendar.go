package app

import (
	"context"
	"net/http"

	"breakwater/internal/kernel/casework"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
	"breakwater/internal/web/calendar"
)

// yearBody is the body of the calendar's operations.
type yearBody struct {
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"16384" doc:"A year's file: CSV, JSON or TOML."`
	}
}

// calendarAPI adds the JSON twins of the calendar's page.
func (a *App) calendarAPI(door *api.API) {
	const group = "cases"
	may := web.Needs(casework.MayCalendar)
	api.Add(door, api.Op{ID: "listCalendar", Method: http.MethodGet, Path: "/calendar", Group: group, Access: web.Public},
		func(ctx context.Context, _ api.Call, _ *struct{}) (calendar.Listed, error) {
			return a.Calendar.List(ctx)
		})
	api.Add(door, api.Op{ID: "previewCalendar", Method: http.MethodPost, Path: "/calendar/preview", Group: group, Access: may},
		func(ctx context.Context, c api.Call, in *yearBody) (calendar.Answer, error) {
			ch, err := a.Calendar.Preview(ctx, c.By, in.Body.Text)
			return calendar.AnswerOf(ch), err
		})
	api.Add(door, api.Op{ID: "setCalendar", Method: http.MethodPost, Path: "/calendar", Group: group, Access: may},
		func(ctx context.Context, c api.Call, in *yearBody) (calendar.Answer, error) {
			ch, err := a.Calendar.Set(ctx, c.By, in.Body.Text, c.Key)
			return calendar.AnswerOf(ch), err
		})
}

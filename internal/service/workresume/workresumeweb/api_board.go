package workresumeweb

import (
	"context"
	"net/http"
	"time"

	"breakwater/internal/admission"
	"breakwater/internal/service/workresume"
	"breakwater/internal/web"
	"breakwater/internal/web/api"
)

func (p *resumptionAPI) addBoard(a *api.API) {
	const group = "board"
	api.Add(a, important(admission.Statistics, get("districtBoard", "/board", group, workresume.MayOversee)), p.districtBoard)
	api.Add(a, important(admission.Statistics, get("listBoardFirms", "/board/firms", group, workresume.MayBrowse)), p.listBoardFirms)
	open := api.Op{ID: "openFigures", Method: http.MethodGet, Path: openFigures + ".json", Group: group, Access: web.Public}
	api.Tell[openAnswer](a, open, "application/json")
	open.ID, open.Path = "openFiguresCSV", openFigures+".csv"
	api.Tell[string](a, open, "text/csv")
}

type apiBoardInput struct {
	Park     string `query:"park" doc:"A place's id."`
	Street   string `query:"street" doc:"A place's id."`
	Class    string `query:"class" enum:"priority,early,continuous,other"`
	Size     string `query:"size" enum:"none,micro,small,medium,large" doc:"By people: 0, 1 to 9, 10 to 49, 50 to 299, 300 and more."`
	Industry string `query:"industry" doc:"One of the policy's options."`
}

func (in apiBoardInput) filter() workresume.BoardFilter {
	return workresume.BoardFilter{Park: in.Park, Street: in.Street, Class: workresume.Class(in.Class), Size: workresume.Size(in.Size), Industry: in.Industry}
}

type apiBoardDayInput struct {
	apiBoardInput
	Day string `query:"day" doc:"2020-02-18, a past day of the last three weeks; now if left out."`
}

// apiBoard is the board under a filter.
type apiBoard struct {
	AsOf  time.Time       `json:"as_of" doc:"When it was counted; of a past day, its end."`
	Total apiFigures      `json:"total"`
	Parts []apiPart       `json:"parts" doc:"The same figures by park, street, class, size and line of business."`
	Days  []apiDay        `json:"days" doc:"Closed days, oldest first, and today where the board is of now."`
	Cases apiBoardCases   `json:"cases" doc:"The desk's, as they are now, under the same conditions but the day. Cases about people have a park and no class, size or line of business."`
	Owed  workresume.Owed `json:"owed" doc:"Firms that owe a report, or about which one is owed."`
}

// apiFigures count some firms; see the definitions in the data dictionary at /open.
type apiFigures struct {
	Firms     int64 `json:"firms"`
	Filed     int64 `json:"filed"`
	Resumed   int64 `json:"resumed" doc:"Certified, and not suspended now."`
	Warned    int64 `json:"warned"`
	Suspended int64 `json:"suspended" doc:"Withdrawn ones too."`
	Refused   int64 `json:"refused"`
	Declared  int64 `json:"declared" doc:"People."`
	Back      int64 `json:"back" doc:"People of resumed firms on rosters, never more than declared."`
	Came      int64 `json:"came" doc:"People in at a gate on that day."`
	Inside    int64 `json:"inside" doc:"People inside now."`
	Metered   int64 `json:"metered" doc:"Firms whose meter is read."`
	UsersBack int64 `json:"users_back" doc:"Of these, those at or above the share of a normal day that the promise's rules name."`
	Load      int64 `json:"load_wh" doc:"On the latest day read."`
	Normal    int64 `json:"normal_wh" doc:"Of a normal day of the same firms."`
	Reported  int64 `json:"reported" doc:"People who reported their health today."`
	Expected  int64 `json:"expected" doc:"People on rosters of resumed firms where anybody reports at all."`
}

func apiFiguresOf(f workresume.Figures) apiFigures {
	return apiFigures{f.Firms, f.Filed, f.Resumed, f.Warned, f.Suspended, f.Refused, f.Declared, f.Back, f.Came, f.Inside, f.Metered, f.UsersBack, f.Load, f.Normal, f.Reported, f.Expected}
}

type apiPart struct {
	By   string `json:"by" enum:"park,street,class,size,industry"`
	Key  string `json:"key" doc:"Empty for firms of which it is not known."`
	Name string `json:"name,omitempty"`
	apiFigures
}

type apiDay struct {
	Day string `json:"day"`
	apiFigures
}

type apiBoardCases struct {
	Open    int64 `json:"open"`
	Late    int64 `json:"late"`
	Waiting int64 `json:"waiting" doc:"For the firm."`
}

func apiBoardOf(pic workresume.Picture, name func(workresume.By, string) string) apiBoard {
	out := apiBoard{pic.AsOf, apiFiguresOf(pic.Total), []apiPart{}, []apiDay{}, apiBoardCases{pic.Cases.Open, pic.Cases.Late, pic.Cases.Waiting}, pic.Total.Owed}
	for _, b := range workresume.Breakdowns {
		for _, part := range pic.By[b] {
			out.Parts = append(out.Parts, apiPart{string(b), part.Key, name(b, part.Key), apiFiguresOf(part.Figures)})
		}
	}
	for _, d := range pic.Days {
		out.Days = append(out.Days, apiDay{d.Day, apiFiguresOf(d.Figures)})
	}
	return out
}

func (p *resumptionAPI) districtBoard(ctx context.Context, c api.Call, in *apiBoardDayInput) (apiBoard, error) {
	q := in.filter()
	q.Day = in.Day
	pic, err := p.Picture(ctx, c.By, q)
	return apiBoardOf(pic, func(workresume.By, string) string { return "" }), err
}

type apiBoardFirmsInput struct {
	apiBoardInput
	As    string `query:"as" enum:"resumed,closed,warned,suspended,refused,returned,unfiled" doc:"How the firm counts; closed is all that have not resumed."`
	Owes  string `query:"owes" enum:"filing,roster,health,stock,reading"`
	After string `query:"after" doc:"next of the page before."`
}

type apiBoardFirms struct {
	Total int            `json:"total"`
	Firms []apiBoardFirm `json:"firms"`
	Next  string         `json:"next" doc:"Empty on the last page."`
}

type apiBoardFirm struct {
	workresume.BoardFirm
	Watch string `json:"watch" enum:"kept,warned,suspended,withdrawn"`
}

// listBoardFirms is the firms behind a figure of the board.
func (p *resumptionAPI) listBoardFirms(ctx context.Context, c api.Call, in *apiBoardFirmsInput) (apiBoardFirms, error) {
	list, total, next, err := p.BoardFirms(ctx, c.By, workresume.BoardFirmsFilter{
		BoardFilter: in.filter(), As: workresume.Standing(in.As), Owes: workresume.Owing(in.Owes), After: in.After,
	}, firmsPage)
	out := apiBoardFirms{total, make([]apiBoardFirm, len(list)), next}
	for i, f := range list {
		if f.Owes == nil {
			f.Owes = []workresume.Owing{}
		}
		out.Firms[i] = apiBoardFirm{f, watchName(f.Watch)}
	}
	return out, err
}

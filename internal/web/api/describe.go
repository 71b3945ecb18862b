package api

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/internal/i18n"
	"breakwater/internal/web"
)

// refs is where the document keeps its schemas.
const refs = "#/components/schemas/"

// document begins the OpenAPI document.
func document(d Deps) *huma.OpenAPI {
	say := d.Texts.Printer(i18n.English)
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info:    &huma.Info{Title: say.T("api.title"), Version: d.Version, Description: say.T("api.about")},
		Servers: []*huma.Server{{URL: "/", Description: say.T("api.server")}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry(refs, func(t reflect.Type, hint string) string {
				// Go types are api… where they share a package with pages.
				return strings.TrimPrefix(huma.DefaultSchemaNamer(t, hint), "Api")
			}),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: say.T("api.bearer")},
				"cookie": {Type: "apiKey", In: "cookie", Name: "breakwater", Description: say.T("api.cookie")},
			},
		},
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
	}
}

// describe adds an operation, and what it answers, to the document. Two operations of one name are a
// mistake of the program and panic.
func (a *API) describe(op Op, path string, in reflect.Type, answer map[string]*huma.MediaType) {
	say := a.Texts.Printer(i18n.English)
	schemas := a.doc.Components.Schemas
	o := &huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: path, Tags: []string{op.Group}, Summary: say.T("api." + op.ID),
		Responses: map[string]*huma.Response{
			"200":     {Description: say.T("api.done"), Content: answer},
			"default": {Description: say.T("api.problem"), Content: content("application/problem+json", schemas.Schema(reflect.TypeFor[web.Problem](), true, ""))},
		},
	}
	if op.Access == web.Public {
		o.Security = []map[string][]string{}
	}
	for _, s := range slotsOf(in) {
		f := in.Field(s.index)
		if s.from == "body" {
			o.RequestBody = &huma.RequestBody{Required: true, Content: content("application/json", huma.SchemaFromField(schemas, f, op.ID+"Body"))}
			continue
		}
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: s.name, In: s.from, Required: s.from == "path", Description: f.Tag.Get("doc"), Schema: huma.SchemaFromField(schemas, f, ""),
		})
	}
	switch json := o.RequestBody; {
	case op.Upload && json != nil: // either; what is JSON is short enough to be done at once
		o.RequestBody = upload(say)
		maps.Copy(o.RequestBody.Content, json.Content)
	case op.Upload:
		o.RequestBody = upload(say)
		o.Responses["202"] = &huma.Response{Description: say.T("api.going_on"), Content: o.Responses["200"].Content}
	}
	if op.Method == http.MethodPost {
		least, most := 1, 200
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Description: say.T("api.key"),
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most, Pattern: "^[!-~]+$"},
		})
	}
	a.doc.AddOperation(o)
	a.ops = append(a.ops, o)
}

func content(kind string, s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{kind: {Schema: s}}
}

// upload is a file as a form's field or as the body itself.
func upload(say *i18n.Printer) *huma.RequestBody {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	form := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{"file": file},
	}
	b := &huma.RequestBody{Required: true, Description: say.T("api.upload"), Content: content("multipart/form-data", form)}
	b.Content["application/octet-stream"] = &huma.MediaType{Schema: file}
	return b
}

// finish mends in the schemas what Go types do not say: our lists are never
// null, and an answer's nested object may be.
func (a *API) finish() {
	schemas := a.doc.Components.Schemas
	for name, s := range schemas.Map() {
		fields := map[string]reflect.StructField{}
		if t := schemas.TypeFromRef(refs + name); t.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(t) {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fields[tag] = f
			}
		}
		for key, p := range s.Properties {
			if p.Type == huma.TypeArray {
				p.Nullable = false
			}
			if p.Nullable && p.Enum != nil {
				p.Enum = append(p.Enum, nil)
			}
			if p.Ref != "" && fields[key].Type.Kind() == reflect.Pointer && slices.Contains(s.Required, key) {
				s.Properties[key] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
			}
		}
	}
	for _, group := range slices.Sorted(maps.Keys(a.groups())) {
		a.doc.Tags = append(a.doc.Tags, &huma.Tag{Name: group, Description: a.Texts.Printer(i18n.English).T("api.group_" + group)})
	}
}

// groups are the operations by their heading, in the order they were added.
func (a *API) groups() map[string][]*huma.Operation {
	out := map[string][]*huma.Operation{}
	for _, o := range a.ops {
		out[o.Tags[0]] = append(out[o.Tags[0]], o)
	}
	return out
}

package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/internal/web"
	"breakwater/internal/web/ui"
)

// group is one heading of the reference page.
type group struct {
	name string
	ops  []entry
}

// entry is one operation and the names it takes.
type entry struct {
	*huma.Operation
	fields []ui.Fact
}

// reference is the document as a page, for reading.
func (a *API) reference(w http.ResponseWriter, r *http.Request) error {
	var list []group
	for _, o := range a.ops {
		i := slices.IndexFunc(list, func(g group) bool { return g.name == o.Tags[0] })
		if i < 0 {
			list = append(list, group{name: o.Tags[0]})
			i = len(list) - 1
		}
		list[i].ops = append(list[i].ops, entry{o, a.fieldsOf(o)})
	}
	return web.Render(w, r, referenceView(web.From(r), list))
}

// fieldsOf are the names an operation takes, by where they go.
func (a *API) fieldsOf(o *huma.Operation) []ui.Fact {
	var out []ui.Fact
	for _, in := range [...]string{"path", "query"} {
		var names []string
		for _, p := range o.Parameters {
			if p.In == in {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			out = append(out, ui.Fact{Term: in, Text: strings.Join(names, ", ")})
		}
	}
	if o.RequestBody == nil {
		return out
	}
	for _, kind := range slices.Sorted(maps.Keys(o.RequestBody.Content)) {
		schema := o.RequestBody.Content[kind].Schema
		if schema.Ref != "" {
			schema = a.doc.Components.Schemas.SchemaFromRef(schema.Ref)
		}
		names := slices.Sorted(maps.Keys(schema.Properties))
		out = append(out, ui.Fact{Term: kind, Text: strings.Join(names, ", ")})
	}
	return out
}

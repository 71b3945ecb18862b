package ui

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Input is one field of a form.
type Input struct {
	Name, Label, Hint string
	Value             string // before the form was sent
	Kind              string // "text" unless "password", "tel", "number", "date", "search", "email"
	Mode              string // inputmode: "numeric" brings the digits up on a phone
	Complete          string // autocomplete, as HTML names it
	Max               int    // most characters
	Rows              int    // of an Area
	Width             string // "short" or "code" where the expected length is known
	Autofocus         bool
	Apart             string // as in its Form
}

// Option is one of a list.
type Option struct{ Value, Text, Hint string }

func fieldID(name string) string {
	return "f-" + strings.NewReplacer("/", "-", ".", "-", "[", "-", "]", "").Replace(name)
}

func (i Input) id() string { return fieldID(i.Apart + i.Name) }

// choiceID of the first choice is the field's own, so that the summary's link
// leads to it.
func (i Input) choiceID(n int) string {
	if n == 0 {
		return i.id()
	}
	return i.id() + "-" + strconv.Itoa(n)
}

func (i Input) kind() string {
	if i.Kind == "" {
		return "text"
	}
	return i.Kind
}

// attributes of a text field. A password never comes back into the page.
func (i Input) attributes(f *Form) templ.Attributes {
	a := i.described(f)
	if i.Mode != "" {
		a["inputmode"] = i.Mode
	}
	if i.Complete != "" {
		a["autocomplete"] = i.Complete
	}
	if i.Max > 0 {
		a["maxlength"] = strconv.Itoa(i.Max)
	}
	if i.Width != "" {
		a["class"] = i.Width
	}
	if i.Autofocus && !f.Bad() {
		a["autofocus"] = true
	}
	if v := f.Or(i.Name, i.Value); i.Rows == 0 && i.Kind != "password" && v != "" {
		a["value"] = v
	}
	return a
}

func (i Input) described(f *Form) templ.Attributes {
	a := templ.Attributes{}
	var by []string
	if i.Hint != "" {
		by = append(by, i.id()+"-hint")
	}
	if f.Fault(i.Name) != "" {
		by = append(by, i.id()+"-error")
		a["aria-invalid"] = "true"
	}
	if by != nil {
		a["aria-describedby"] = strings.Join(by, " ")
	}
	return a
}

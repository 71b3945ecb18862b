package webtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var oneName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// GoNames are the names in a JSON text that begin with a capital, as a Go field does
// whose name for programs was forgotten. Keys that are ids or facts begin small; an
// OpenAPI document names its types as it likes.
func GoNames(text []byte) (out []string) {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	if o, ok := v.(map[string]any); ok && o["openapi"] != nil {
		return nil
	}
	eachObject(v, "", func(path string, o map[string]any) {
		for name := range o {
			if name != "" && name[0] >= 'A' && name[0] <= 'Z' {
				out = append(out, path+"."+name)
			}
		}
	})
	slices.Sort(out)
	return out
}

// DocumentNames are the fields and parameters of an OpenAPI document that are not in
// small letters with underscores; headers have their own way of writing.
func DocumentNames(text []byte) (out []string, err error) {
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	eachObject(doc, "", func(path string, o map[string]any) {
		if strings.HasSuffix(path, ".properties") {
			for name := range o {
				if !oneName.MatchString(name) {
					out = append(out, path+"."+name)
				}
			}
		}
		in, _ := o["in"].(string)
		if name, ok := o["name"].(string); ok && in != "" && in != "header" && !oneName.MatchString(name) {
			out = append(out, path+" "+name)
		}
	})
	slices.Sort(out)
	return out, nil
}

// eachObject tells of every object in v, with the path to it.
func eachObject(v any, path string, tell func(path string, o map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		tell(path, v)
		for name, x := range v {
			eachObject(x, path+"."+name, tell)
		}
	case []any:
		for i, x := range v {
			eachObject(x, fmt.Sprintf("%s[%d]", path, i), tell)
		}
	}
}

package ration

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed campaign/*.toml
var cities embed.FS

// Fixture is a city's rule of 2020 as a campaign's file: something to begin from.
type Fixture struct {
	Name string // "guangzhou"
	File []byte
}

// Fixtures are the rules of the cities, by name.
func Fixtures() []Fixture {
	list, err := fs.Glob(cities, "campaign/*.toml")
	if err != nil {
		return nil // of a pattern that is no pattern
	}
	out := make([]Fixture, 0, len(list))
	for _, name := range list {
		if file, err := cities.ReadFile(name); err == nil {
			out = append(out, Fixture{strings.TrimSuffix(strings.TrimPrefix(name, "campaign/"), ".toml"), file})
		}
	}
	return out
}

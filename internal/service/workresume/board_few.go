package workresume

import (
	"cmp"
	"maps"
	"slices"
)

// lumped is the same firms with lines of fewer than openFirms put into the one of
// which it is not known: else the only firm of its trade could never be counted
// anywhere. Where that line is of too few itself, the smallest of the others joins it.
func lumped(firms map[string]openFirm) map[string]openFirm {
	out := maps.Clone(firms)
	for _, field := range [...]func(*openFirm) *string{
		func(f *openFirm) *string { return &f.Park },
		func(f *openFirm) *string { return (*string)(&f.Class) },
		func(f *openFirm) *string { return &f.Industry },
		func(f *openFirm) *string { return (*string)(&f.Size) },
	} {
		count := map[string]int{}
		for _, f := range out {
			count[*field(&f)]++
		}
		unknown := count[""]
		delete(count, "")
		keys := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
			return cmp.Or(cmp.Compare(count[a], count[b]), cmp.Compare(a, b))
		})
		few := map[string]bool{}
		for _, key := range keys {
			if count[key] < openFirms || unknown > 0 && unknown < openFirms {
				few[key] = true
				unknown += count[key]
			}
		}
		for id, f := range out {
			if at := field(&f); few[*at] {
				*at = ""
				out[id] = f
			}
		}
	}
	return out
}

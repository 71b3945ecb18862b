package ui

import "slices"

// icons are paths on a 24 by 24 grid, stroked by 2.
var icons = map[string]string{
	"code":    "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v6h-6",
	"firm":    "M4 21V9l8-5 8 5v12M4 21h16M9 21v-6h6v6M9 11h.01M15 11h.01",
	"gate":    "M4 21V6h3v15M17 21V6h3v15M7 9h10M7 14h10M2 21h20",
	"check":   "M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6zM8.500 12l2.500 2.500 4.500-5",
	"list":    "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
	"board":   "M4 20V10M10 20V4M16 20v-7M22 20H2",
	"log":     "M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h7",
	"upload":  "M12 16V4M7 9l5-5 5 5M4 20h16",
	"down":    "M12 4v12M7 11l5 5 5-5M4 20h16",
	"person":  "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c1-4 4-6 8-6s7 2 8 6",
	"theme":   "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
	"search":  "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l5 5",
	"print":   "M7 9V3h10v6M7 18H4v-8h16v8h-3M7 14h10v7H7z",
	"camera":  "M4 8h3l2-3h6l2 3h3v11H4zM12 17a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7",
	"open":    "M5 12h14M13 6l6 6-6 6",
	"mask":    "M3 10c3-2 6-3 9-3s6 1 9 3v3c-2 4-5 6-9 6s-7-2-9-6zM8 12h8",
	"test":    "M9 3h6M10 3v7l-5 9a1.500 1.500 0 0 0 1.400 2h11.200A1.500 1.500 0 0 0 19 19l-5-9V3",
	"grocery": "M4 9h16l-2 11H6zM8 9l4-6 4 6",
	"school":  "M4 5c3-1 6-1 8 1 2-2 5-2 8-1v14c-3-1-6-1-8 1-2-2-5-2-8-1z",
	"grant":   "M4 7h16v10H4zM12 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
	"health":  "M12 20s-8-5-8-11a4.500 4.500 0 0 1 8-3 4.500 4.500 0 0 1 8 3c0 6-8 11-8 11",
	"server":  "M5 3h14v6H5zM5 11h14v6H5zM8 6h.01M8 14h.01M5 19h14",
}

// Icons lists the names Icon knows.
func Icons() []string {
	out := make([]string, 0, len(icons))
	for name := range icons {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

package workresume

import "breakwater/internal/ident"

// reasoned is whether a trimmed reason has from least to most characters and says
// something.
func reasoned(text string, least, most int) bool { return ident.Reasoned(text, least, most) }

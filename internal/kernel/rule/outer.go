package rule

import "breakwater/internal/fault"

// Shape refuses a TOML text that would cost too much to read, before it is read: for
// files of other rooms in which policy travels.
//
// Faults: Malformed "rule.shape_…".
func Shape(text string) error { return shape(text) }

// Check records at a field of wrong what is wrong with a text outside a pack: a
// language absent or unknown, emptiness, any placeholder.
func (t Text) Check(wrong *fault.Error, at string) { t.check(wrong, at, nil) }

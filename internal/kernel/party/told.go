package party

import "time"

// Told is one thing a room keeps about a person, for that person to read and to take
// along: what it is, since when, and what stands there. What, Name and Say are texts'
// keys, so that a page has it in the reader's language.
type Told struct {
	What   string      `json:"what"`
	At     time.Time   `json:"at"`
	Values []ToldValue `json:"values"`
}

// ToldValue is one detail of it: Text as it is kept, or Say where it is one of a few
// words.
type ToldValue struct {
	Name string `json:"name"`
	Text string `json:"text,omitempty"`
	Say  string `json:"say,omitempty"`
}

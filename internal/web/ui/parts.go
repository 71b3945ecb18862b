package ui

// Look is how loudly a button asks.
type Look string

// The looks. A page has one Primary.
const (
	Primary Look = "primary"
	Quiet   Look = "quiet"
	Danger  Look = "danger" // for what is hard to take back
	Full    Look = "full"   // Primary over the whole width, for phones
)

func (l Look) class() string {
	switch l {
	case Quiet:
		return "btn quiet"
	case Danger:
		return "btn danger"
	case Full:
		return "btn wide"
	}
	return "btn"
}

// Reasoned is what a ReasonCard says. To is where it is sent, "" the page itself; Why,
// Hint and Max are those of the reason.
type Reasoned struct {
	Title, Lead string
	To          string
	Why, Hint   string
	Max         int
	Do          string
	Look        Look
}

// TileProps is one way through the front door.
type TileProps struct {
	Href, Icon, Title, Text string
	State                   State
	Word                    string // "open"; "" shows no badge
}

// Fact is one line of Facts; with a State the text is a badge.
type Fact struct {
	Term, Text string
	State      State
}

// Step is one line of Steps.
type Step struct {
	Title, Text string
	Done        bool
}

// noticeRole interrupts a screen reader for what went wrong only.
func noticeRole(s State) string {
	if s == Stop || s == Warn {
		return "alert"
	}
	return "status"
}

// sign is the state's shape as a letter, for large print.
func (s State) sign() string {
	switch s {
	case Valid:
		return "✓"
	case Warn:
		return "!"
	case Stop:
		return "✕"
	}
	return "…"
}

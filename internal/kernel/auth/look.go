package auth

import "time"

// What a network may get wrong of short codes that show something public. A code has
// three thousand million spellings: among a million places a guesser finds five a day,
// and learns of each how long somebody waits.
const (
	lookBurst = 60
	lookEvery = 5 * time.Second
)

// Look charges a network one look at a short code that shows something public to whoever
// has it. right gives it back where there was such a code.
//
// Faults: TooMany "auth.too_many".
func (s *Service) Look(from Client) (right func(), err error) {
	net := "net:" + network(from.Addr)
	if err := tooMany(s.byLooks.take(net)); err != nil {
		return nil, err
	}
	return func() { s.byLooks.give(net) }, nil
}

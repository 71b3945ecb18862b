// Package admission decides which requests are let in while there is more to do
// than can be done. It measures how long work waits — for a processor, for the
// store's writer, for its readers — and when the wait stands above 20 ms it
// lets in only so much as was lately finished, the important first: imports are
// refused first, then statistics, orders, results, sampling, gate checks
// (and the page that says what works), and code shows last. An operator may also set a fixed capacity.
//
// It refuses to guess a rate in advance, to know HTTP, to queue anything itself,
// and to choose among requests of one class: whoever comes in a moment with room
// is let in, so that coming again gives everybody the same chance.
package admission

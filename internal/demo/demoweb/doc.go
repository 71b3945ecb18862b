// Package demoweb is the demonstration's own page: the people one can be, one
// click each, and what to try as each.
//
// It refuses to be mounted anywhere but in a demonstration: whoever calls Routes
// has made sure that every person behind these doors is invented.
package demoweb

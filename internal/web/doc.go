// Package web is the shell every page and every API answer goes through: one
// mux over routes as data, who is asking, what a page may load, how large and
// how slow a request may be, and the one door through which an error leaves.
// A handler returns its error; the error's kind alone decides the answer.
//
// It refuses to decide what a person may do beyond the role a route names (the
// verb decides), to show a cause to a caller, to log what a person typed, and
// to answer a cookie's command that cannot be shown to come from our own page.
package web

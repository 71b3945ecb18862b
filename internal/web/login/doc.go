// Package login is how people come in and go out: the pages for signing in,
// for a firm to claim its file, for seeing where one is signed in, and the
// officers' page where claims are decided. Its middleware finds out who asks
// and puts the principal into the request's context.
//
// It refuses to decide anything: package auth does, and this package carries
// cookies, addresses and forms to it. It sends nobody to another site but to the
// identity provider the operator named, never shows a password back, and keeps no
// secret in a page.
package login

// Package api is the program's JSON door: operations as data, each with its own
// route behind the same shell as the pages, and one OpenAPI 3.1 document made
// from the very Go types that read and answer. A caller comes with a bearer
// token or a session; what is wrong leaves as problem details (RFC 9457) through
// the pages' own door, so that a form and its JSON twin say the same thing.
//
// Huma supplies the document's model and the schemas of Go types. Reading a
// body and refusing it is the shell's: its messages have codes and both
// languages, a schema validator's have neither.
//
// It refuses to decide who may do what beyond a route's role, to accept a field
// it does not know, and to run a command twice for the same Idempotency-Key.
package api

// Package workresumeweb is work resumption as pages and as an API: the firm's
// office, the officer's desk, the worker's code, the gate, the public list, the
// board. Every page works without a script, and every form can be sent as JSON to
// the page's own address.
//
// It refuses to decide anything: who may see what and what follows is the
// service's business, and a page only offers what its reader may do.
package workresumeweb

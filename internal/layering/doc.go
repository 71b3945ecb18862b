// Package layering holds the boundaries of the house as tests: which package
// may import which, which modules may come in, who owns which table, and the
// habits that keep a package readable. A boundary that no test defends is a wish.
//
// Each policy is one table in one file, and each table has a negative control:
// a made-up offence that the same code must find. An exception is a line with
// its reason, never a looser rule.
//
// It refuses to hold anything that runs: all of it is tests.
package layering

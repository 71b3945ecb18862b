// Package workresume lets a workplace open safely and keeps it so: a firm files
// once, its roster comes from its own Excel, rules decide on arrival, and a gate
// admits those who are on the roster of a certified firm.
//
// Nouns. A Firm is one organisation's file; a Filing is what it declared and
// promised; a Member is a person on its roster; an Import is one roster file on
// its way in; a Review is a person found on two rosters; a Certificate is the
// answer a certified firm shows; a Pass is a person's signed code; a Check is one
// scan at a gate.
//
// States of a firm: unfiled → returned ⇄ certified, or refused; an officer may
// decide otherwise with a reason, and then the rules only advise until the
// officer hands the file back to them.
//
// Beside its state a firm stands somewhere against its promise (Watch): facts that
// contradict it warn, suspend and withdraw, each after a time in which it can be
// mended; an officer's word stands over them too.
//
// Who may do what stands in permits.go, what is recorded in facts.go.
//
// It refuses to show one firm another firm, to tell a guard why beyond a class of
// reason, to take a person off a roster because a later file does not name them,
// and to let a scan of somebody's code change that person's standing.
package workresume

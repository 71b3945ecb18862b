// Package sms hands short messages to whoever carries them: a gateway that takes
// JSON over HTTPS, or, in a demonstration, a list that everybody can read.
//
// Every provider has its own signature and templates. Gateway speaks the least
// that all of them can be fitted with: one POST, which a few lines beside the
// provider's own client turn into its call.
//
// It refuses to decide what is said or how often, to try again (a code that comes
// twice confuses, and the person can ask for another), and to write a number or a
// code into any log.
package sms

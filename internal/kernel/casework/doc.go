// Package casework is for what a rule does not settle at once: an application
// becomes a case, somebody takes it, asks once for everything that is missing,
// looks at the place, and decides within so many working days; whoever does not
// agree appeals, and then somebody else decides.
//
// Nouns. A Case is one matter on its way. Its Clock counts working days of the
// district's Calendar and stands still while the applicant has to answer. What is
// missing is told in one list, once.
//
// States: open ⇄ waiting (for the applicant) → closed. Being late is not a state
// but a fact: it is recorded once, and the case goes on.
//
// It refuses to know what a case is about (the service that opened it says what
// the outcome does), to ask the applicant twice, to let a late case vanish from
// anybody's list, to count a clock in hours, and to let who decided first decide
// the appeal.
package casework

// Package auth answers two questions: who is asking, and may they do this
// here. It keeps accounts, sessions, tokens for programs, and the claims by
// which a firm takes hold of its own file.
//
// A role says what kind of act somebody may do; a scope says where. Both are
// needed for every act: see Permit. A service declares its permissions as a
// table (Grants) beside its verbs; nothing is granted that no table names.
//
// Staff and firms sign in by user name and password. A worker signs in by the
// phone on the roster and the last six characters of the ID number. That is
// what a district has on the first day; it proves little more than knowing the
// person, so such an account sees its own person only, and the tries are
// limited per phone. Codes by SMS replace it when messages can be sent.
//
// It refuses to know HTTP (package web/login carries cookies and addresses), to
// say whether an account or a firm's registration exists, to keep a password
// or a token it could read back, and to decide anything by a name: only ids and
// scopes count.
package auth

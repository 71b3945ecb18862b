// Package oidc asks the district's own identity provider who somebody is: the
// authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636, S256).
//
// The provider's word that somebody signed out there is taken by OpenID Connect
// Back-Channel Logout 1.0 (depart.go).
//
// The provider is looked up when somebody first wants it, and what it said of
// itself is kept for an hour: the program starts and serves while the provider is
// away, and a provider that is away is asked again every ten seconds at most.
//
// It refuses to say what somebody may do here (package auth binds an identity to
// an account, by a person's act), to look at a name or an e-mail address, to keep
// a token beyond the moment in which it was read, and to write a code, a token, a
// secret or a subject into any log.
package oidc

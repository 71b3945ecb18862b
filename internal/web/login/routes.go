package login

import (
	"breakwater/internal/kernel/auth"
	"breakwater/internal/web"
)

// Routes are the addresses of this package. Every POST takes a form or JSON.
func (l *Pages) Routes() web.Routes {
	routes := web.Routes{
		{Method: "GET", Path: "/sign-in", Handler: l.showSignIn, Access: web.Public},
		{Method: "POST", Path: "/sign-in", Handler: l.signIn, Access: web.Public, Input: signInInput{}},
		{Method: "POST", Path: "/sign-in/passkey/begin", Handler: l.beginPasskeySignIn, Access: web.Public, Input: struct{}{}},
		{Method: "POST", Path: "/sign-in/passkey", Handler: l.signInByPasskey, Access: web.Public, Input: passkeyInput{}},
		{Method: "GET", Path: "/sign-in/worker", Handler: l.showSignInWorker, Access: web.Public},
		{Method: "POST", Path: "/sign-in/worker", Handler: l.signInWorker, Access: web.Public, Input: workerInput{}},
		{Method: "POST", Path: "/sign-out", Handler: l.signOut, Access: web.Public, Input: struct{}{}},

		{Method: "GET", Path: "/claim", Handler: l.showClaim, Access: web.Public},
		{Method: "POST", Path: "/claim", Handler: l.claim, Access: web.Public, Input: claimInput{}},
		{Method: "GET", Path: "/claim/received", Handler: l.claimReceived, Access: web.Public},

		{Method: "GET", Path: "/me", Handler: l.me, Access: web.SignedIn},
		{Method: "POST", Path: "/me/password", Handler: l.changePassword, Access: web.SignedIn, Input: passwordInput{}},
		{Method: "POST", Path: "/me/sessions/end", Handler: l.endSession, Access: web.SignedIn, Input: sessionInput{}},
		{Method: "POST", Path: "/me/sign-out-everywhere", Handler: l.everywhere, Access: web.SignedIn, Input: struct{}{}},
		{Method: "GET", Path: "/me/devices", Handler: l.devices, Access: web.SignedIn},
		{Method: "POST", Path: "/me/sessions/end-others", Handler: l.endOthers, Access: web.SignedIn, Input: struct{}{}},
		{Method: "POST", Path: "/me/passkeys/begin", Handler: l.beginPasskey, Access: web.SignedIn, Input: struct{}{}},
		{Method: "POST", Path: "/me/passkeys", Handler: l.addPasskey, Access: web.SignedIn, Input: passkeyInput{}},
		{Method: "POST", Path: "/me/passkeys/remove", Handler: l.removePasskey, Access: web.SignedIn, Input: removeInput{}},
		{Method: "POST", Path: "/me/provider/unlink", Handler: l.unlinkProvider, Access: web.SignedIn, Input: struct{}{}, Twin: "unlinkProvider"},
		{Method: "POST", Path: "/me/tokens", Handler: l.makeToken, Access: web.SignedIn, Input: tokenInput{}},
		{Method: "POST", Path: "/me/tokens/revoke", Handler: l.revokeToken, Access: web.SignedIn, Input: revokeInput{}},

		{Method: "GET", Path: "/desk/claims", Handler: l.claims, Access: web.Needs(auth.DecideClaims)},
		{Method: "GET", Path: "/desk/claims/{claim}", Handler: l.oneClaim, Access: web.Needs(auth.DecideClaims)},
		{Method: "POST", Path: "/desk/claims/{claim}", Handler: l.decide, Access: web.Needs(auth.DecideClaims), Input: decideInput{}},
	}
	if l.Auth.Provider() != "" {
		routes = append(routes,
			web.Route{Method: "GET", Path: "/sign-in/provider", Handler: l.beginProvider, Access: web.Public},
			web.Route{Method: "POST", Path: "/sign-in/provider/ended", Handler: l.endedByProvider, Access: web.Public, Input: endedInput{}},
			web.Route{Method: "GET", Path: providerBack, Handler: l.fromProvider, Access: web.Public},
			web.Route{Method: "POST", Path: "/me/provider/begin", Handler: l.beginProviderLink, Access: web.SignedIn, Input: struct{}{}, Twin: "beginProviderLink"},
		)
	}
	if l.Auth.SendsCodes() {
		routes = append(routes,
			web.Route{Method: "GET", Path: "/sign-in/phone", Handler: l.showPhone, Access: web.Public},
			web.Route{Method: "POST", Path: "/sign-in/phone", Handler: l.sendCode, Access: web.Public, Input: phoneInput{}},
			web.Route{Method: "GET", Path: "/sign-in/code", Handler: l.showCode, Access: web.Public},
			web.Route{Method: "POST", Path: "/sign-in/code", Handler: l.signInByCode, Access: web.Public, Input: codeInput{}},
		)
	}
	return routes
}

package web

import (
	"net/http"

	"breakwater/internal/fault"
)

// What a page may load: its own files and nothing else. Nothing is inline, so
// that text which slips through escaping still cannot run.
const (
	policy        = "default-src 'none'; script-src 'self'" + policyRest
	scannerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" + policyRest
	policyRest    = "; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

	shut         = "camera=()" + featuresRest
	cameraOnly   = "camera=(self)" + featuresRest
	featuresRest = ", accelerometer=(), autoplay=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"

	oneYear     = "max-age=31536000"
	changesWith = "Accept, Accept-Language, Cookie, HX-Request"
)

// guard sets the headers of every answer. Referrer-Policy must not be
// no-referrer: browsers then send "Origin: null" with our own forms.
func (s *Site) guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", shut)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY") // for browsers older than frame-ancestors
	if s.TLS {
		h.Set("Strict-Transport-Security", oneYear)
	}
}

func openCamera(h http.Header) {
	h.Set("Content-Security-Policy", scannerPolicy)
	h.Set("Permissions-Policy", cameraOnly)
}

// sameOrigin refuses what http.CrossOriginProtection lets pass: a command that
// brings a cookie and neither Origin nor Sec-Fetch-Site. Every browser that can
// read our pages sends one of them; a program uses a token and no cookie.
func (s *Site) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		if !safe(r.Method) && h.Get("Cookie") != "" && h.Get("Authorization") == "" && h.Get("Origin") == "" && h.Get("Sec-Fetch-Site") == "" {
			s.answer(w, r, fault.New(fault.Denied, "fault.cross_origin"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

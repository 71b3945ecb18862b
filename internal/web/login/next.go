package login

import (
	"strings"

	"breakwater/internal/web"
)

// safeNext returns where to go after signing in, if that is a page of this
// site other than those for coming and going, else "".
func safeNext(next string) string {
	to := web.Local(next)
	if to == "/" || strings.HasPrefix(to, "/sign-") {
		return ""
	}
	return to
}

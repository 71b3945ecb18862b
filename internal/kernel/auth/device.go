package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
)

// A device proves by a keyed hash that a name was rightly signed in to from it
// before. The proof opens nothing: it only spares its holder the brake that
// strangers' guesses put on the name. It reads "device.hash.hash…", the newest
// name last; a shared machine keeps a few.
const provenNames = 4

// proven returns the device a proof speaks of, if it names key.
func (s *Service) proven(proof, key string) (device string, ok bool) {
	parts := strings.Split(proof, ".")
	if len(parts) < 2 || len(parts) > provenNames+1 || len(parts[0]) > 40 {
		return "", false
	}
	want := []byte(s.deviceHash(parts[0], key))
	for _, p := range parts[1:] {
		if subtle.ConstantTimeCompare([]byte(p), want) == 1 {
			return parts[0], true
		}
	}
	return "", false
}

// prove adds key to a device's proof, making the device a name if it has none.
func (s *Service) prove(proof, key string) string {
	parts := strings.Split(proof, ".")
	if len(parts) < 2 || len(parts) > provenNames+1 || len(proof) > 300 {
		parts = []string{rand.Text()}
	}
	fresh := s.deviceHash(parts[0], key)
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == fresh })
	parts = append(parts, fresh)
	if over := len(parts) - 1 - provenNames; over > 0 {
		parts = slices.Delete(parts, 1, 1+over) // the oldest names go
	}
	return strings.Join(parts, ".")
}

func (s *Service) deviceHash(device, key string) string {
	return base64.RawURLEncoding.EncodeToString(s.ring.Hash("auth.device", device+"\n"+key))
}

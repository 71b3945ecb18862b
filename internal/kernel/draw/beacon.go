package draw

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/cloudflare/circl/sign/bls"
)

// The beacon is quicknet of the League of Entropy (drand): a number every three seconds
// that more than half of its independent keepers must work together to make, and that
// nobody knows before. Everybody can prove it by the public key, which never changes.
// See https://docs.drand.love/docs/specification and RFC 9380 for the hash to the curve.
const (
	// Chain names the beacon, as its own publishers do: the hash of its parameters.
	Chain = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"

	chainKey     = "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
	chainGenesis = 1692803367 // Unix seconds of round 1
	chainPeriod  = 3          // seconds
)

// mostRounds bounds a round's number, so that its moment is a moment: the year 5000.
const mostRounds = 1 << 35

// RoundTime is when a round's value becomes known.
func RoundTime(round uint64) time.Time {
	return time.Unix(chainGenesis+int64(round-1)*chainPeriod, 0).UTC()
}

// RoundAfter is the first round whose value is known only after t.
func RoundAfter(t time.Time) uint64 {
	since := t.Unix() - chainGenesis
	if since < 0 {
		return 1
	}
	return uint64(since/chainPeriod) + 2
}

// genuine is whether the signature is the beacon's of that round. The signature itself
// is the value that is mixed in: it is unique, and as unknown before as its hash, which
// drand calls the randomness.
func genuine(round uint64, signature []byte) bool {
	raw, err := hex.DecodeString(chainKey)
	if err != nil {
		return false
	}
	var public bls.PublicKey[bls.KeyG2SigG1]
	if public.UnmarshalBinary(raw) != nil {
		return false
	}
	message := sha256.Sum256(binary.BigEndian.AppendUint64(nil, round))
	return bls.Verify(&public, message[:], signature)
}

package workresumeweb

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// FuzzCodeJSON holds a code's JSON, written by hand for the rush, against
// encoding/json's, byte for byte.
func FuzzCodeJSON(f *testing.F) {
	f.Add("李*娜", "Aurora <Steel> & Co. \"北\"", "说明", "BW1:6BF", int64(1))
	f.Add("\u2028", "a\x7f\x00\\", "\xff", "", int64(0))
	f.Fuzz(func(t *testing.T, name, firm, reason, text string, until int64) {
		c := apiCode{State: "valid", Reason: reason, ReasonCode: "workresume.code_valid", Credential: text, Name: name, Firm: firm}
		if until != 0 {
			at := time.UnixMicro(until % (1 << 52)).UTC()
			c.Until = &at
		}
		var want bytes.Buffer
		if err := json.NewEncoder(&want).Encode(c); err != nil {
			t.Fatal(err)
		}
		if got := c.appendJSON(nil); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s\nwant %s", got, want.Bytes())
		}
	})
}

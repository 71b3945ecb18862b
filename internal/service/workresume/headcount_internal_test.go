package workresume

import (
	"testing"

	"pgregory.net/rapid"
)

// However people leave, come back and join: what was filed stays what was filed, a
// complete roster stays complete, one that is short is helped by nobody's leaving, and
// who is put back undoes what taking them off did.
func TestHeadcountFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		filed := rapid.Int64Range(1, 60).Draw(t, "filed")
		f, roster, left := Filing{Declared: filed}, rapid.Int64Range(0, 80).Draw(t, "roster"), int64(0)
		for range rapid.IntRange(1, 12).Draw(t, "moves") {
			was, before := f, roster
			switch rapid.IntRange(0, 2).Draw(t, "move") {
			case 0:
				n := rapid.Int64Range(0, roster).Draw(t, "leave")
				roster, left = roster-n, left+n
				f = f.less(n, roster)
				short := before < was.Declared
				if f.Declared > was.Declared || f.more(n, before) != was && (!short || roster > 0) {
					t.Fatalf("%d of %d left: %+v → %+v", n, before, was, f)
				}
			case 1:
				n := rapid.Int64Range(0, left).Draw(t, "return")
				roster, left = roster+n, left-n
				f = f.more(n, roster)
			default:
				n := rapid.Int64Range(0, 10).Draw(t, "join")
				roster += n
				f = f.upTo(roster)
				if f.Declared != was.Declared && f.Declared > roster {
					t.Fatalf("%d joined %d: %+v → %+v", n, before, was, f)
				}
			}
			switch {
			case f.Filed() != filed, f.Declared < 1, f.Declared > filed:
				t.Fatalf("%+v of %d filed", f, filed)
			case before >= was.Declared && roster < f.Declared && roster > 0:
				t.Fatalf("complete with %d of %d, then short with %d of %d", before, was.Declared, roster, f.Declared)
			case before < was.Declared && roster < before && roster >= f.Declared && f.Declared > 1:
				t.Fatalf("short with %d of %d, then complete with %d of %d", before, was.Declared, roster, f.Declared)
			}
		}
	})
}

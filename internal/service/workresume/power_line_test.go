package workresume

import "testing"

// Kilowatt-hours as tables write them: thousands by commas, a part by a dot. What could
// be read in two ways is not read.
func TestWattHours(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "12": 12_000, "12.5": 12_500, "12.": 12_000, ".5": 500, " 1,234.5 ": 1_234_500, "1,234,567": 1_234_567_000,
		"12,5": -1, "1,23": -1, "1,2345": -1, ",123": -1, "1,,234": -1, "1_000": -1, "1e3": -1, "0x10": -1, "-1": -1, "": -1, ".": -1, "1.2.3": -1, "1.234,5": -1, "２": -1, "9999999999": -1,
	} {
		got, ok := wattHours(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is read as %d, want %d", text, got, want)
		}
	}
}

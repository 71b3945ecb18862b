package storage_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the child of the tests that need a process to watch or to
// kill: the test binary runs itself.
func TestMain(m *testing.M) {
	if name := os.Getenv("STORAGE_CHILD"); name != "" {
		os.Exit(child(name))
	}
	goleak.VerifyTestMain(m)
}

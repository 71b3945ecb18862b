// Command stop ends the throw-away PostgreSQL that tests start on first use:
// "go run ./internal/storage/storagetest/stop". Left alone it idles, and the
// next run of the tests finds it warm.
package main

import (
	"fmt"
	"os"

	"breakwater/internal/storage/storagetest"
)

func main() {
	if err := storagetest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop:", err)
		os.Exit(1)
	}
}

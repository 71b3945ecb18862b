package drill

import (
	"fmt"
	"syscall"
)

// bytesEach is about what a person of a district takes of a folder, with what a rehearsal
// adds: found by looking at folders after rehearsals.
const bytesEach = 24 << 10

// room refuses a folder without room for the district: a disk that fills up in the middle
// would be a rehearsal of that.
func (s Stage) room() error {
	if s.Database != "" {
		return nil // the database's disk is not to be seen from here
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.Dir, &fs); err != nil {
		return err
	}
	if want, have := int64(s.Demo)*bytesEach+64<<20, int64(fs.Bavail)*fs.Bsize; have < want {
		return fmt.Errorf("drill: %s has %d MB free, and a district of %d workers takes about %d MB", s.Dir, have>>20, s.Demo, want>>20)
	}
	return nil
}

//go:build !linux

package drill

import (
	"context"
	"errors"
)

// Drive needs epoll, which this system does not have.
func (Load) Drive(context.Context, ...Phase) (Run, error) {
	return Run{}, errors.New("drill: a load can be driven from Linux only")
}

func (Stage) room() error { return nil }

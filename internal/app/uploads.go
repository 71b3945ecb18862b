package app

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"breakwater/internal/fault"
	"breakwater/internal/service/workresume"
)

// uploads keeps roster files in a folder until they have been read. They hold
// people's numbers in the open, so the folder is ours alone and a file goes as
// soon as its import has ended.
type uploads string

// MaxUpload is the largest file taken, in bytes.
const MaxUpload = 64 << 20

func newUploads(dir string) (uploads, error) { return uploads(dir), os.MkdirAll(dir, 0o700) }

func (u uploads) path(id string) string { return filepath.Join(string(u), filepath.Base(id)) }

// Put writes the file and syncs it and the folder that names it: an import that
// was accepted can be resumed, also after the power went.
//
// Faults: TooLarge "roster.too_large", Unavailable "storage.full".
func (u uploads) Put(id string, r io.Reader) (int64, error) {
	f, err := os.OpenFile(u.path(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, full(err)
	}
	n, err := io.Copy(f, io.LimitReader(r, MaxUpload+1))
	if err == nil && n > MaxUpload {
		err = fault.New(fault.TooLarge, "roster.too_large", "max", MaxUpload>>20)
	}
	return n, full(errors.Join(err, f.Sync(), f.Close(), syncFolder(string(u))))
}

// syncFolder makes the names in a folder as durable as what they name.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// clear removes the files that no import at work names: the program stopped
// between keeping one and entering it, or between the end and the removal. They
// hold people in the open and would stay for ever.
func (u uploads) clear(wanted func(id string) bool) error {
	entries, err := os.ReadDir(string(u))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !wanted(e.Name()) {
			err = errors.Join(err, os.Remove(u.path(e.Name())))
		}
	}
	return err
}

// full names a disk without room as the store does: nothing was kept, try again later.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Unavailable, "storage.full")
	}
	return err
}

// Open opens a kept file.
func (u uploads) Open(id string) (workresume.Upload, error) {
	f, err := os.Open(u.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "workresume.upload_gone")
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return upload{f, info}, err
}

// Drop removes a file; one that is not there is as good as removed.
func (u uploads) Drop(id string) { _ = os.Remove(u.path(id)) }

type upload struct {
	*os.File
	info os.FileInfo
}

func (u upload) Size() int64 { return u.info.Size() }

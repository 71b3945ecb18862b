package once

import (
	"encoding/json"
	"fmt"
	"time"

	"breakwater/internal/clock"
	"breakwater/internal/fault"
	"breakwater/internal/storage"
)

// Recall and Remember are Do for many commands in one transaction of one caller, who
// acts for those that Recall does not know and hands their answers to Remember. Two
// transactions that race for a key are told apart by Remember: the later one fails.

// Name is the key without its body's digest: what makes two commands the same.
func (k Key) Name() Key { return Key{Principal: k.Principal, Operation: k.Operation, Key: k.Key} }

// OtherBody is the fault of a key that comes again with another body.
func OtherBody() error { return fault.New(fault.Invalid, "once.other_body") }

// Recall returns for each key the answer given before, nil if there is none, or
// the fault of a key used for another body. Keys have been checked; an empty one
// asks for nothing.
func Recall[T any](r storage.Reader, keys []Key) (answers []*T, faults []error, err error) {
	answers, faults = make([]*T, len(keys)), make([]error, len(keys))
	at := map[Key][]int{}
	var texts []string
	for i, k := range keys {
		if k.Key != "" {
			at[k.Name()] = append(at[k.Name()], i)
			texts = append(texts, k.Key)
		}
	}
	if len(texts) == 0 {
		return answers, faults, nil
	}
	list, args := storage.In(1, texts)
	_, err = storage.All(r, func(rows *storage.Rows) (struct{}, error) {
		var k Key
		var digest []byte
		var text string
		if err := rows.Scan(&k.Key, &k.Principal, &k.Operation, &digest, &text); err != nil {
			return struct{}{}, err
		}
		for _, i := range at[k] {
			if string(digest) != string(keys[i].Digest[:]) {
				faults[i] = OtherBody()
				continue
			}
			answers[i] = new(T)
			if text == "" {
				continue
			}
			if err := json.Unmarshal([]byte(text), answers[i]); err != nil {
				return struct{}{}, fmt.Errorf("replay answer of %s: %w", k.Operation, err)
			}
		}
		return struct{}{}, nil
	}, `select key, principal, operation, digest, answer from once_key where key in (`+list+`)`, args...)
	return answers, faults, err
}

// Remember stores the answers of commands that Recall did not know; answer returns the
// one of the i-th key.
//
// Conflict "once.raced" when another transaction used one of the keys meanwhile:
// nothing of this transaction may stand, and it should run again.
func Remember(tx *storage.Tx, keys []Key, answer func(i int) any, now time.Time) error {
	var rows []any
	for i, k := range keys {
		if k.Key == "" {
			continue
		}
		text, err := json.Marshal(answer(i))
		if err != nil {
			return fmt.Errorf("keep answer of %s: %w", k.Operation, err)
		}
		rows = append(rows, k.Key, k.Principal, k.Operation, k.Digest[:], string(text), clock.Micros(now))
	}
	n, err := storage.ExecRows(tx, `insert into once_key (key, principal, operation, digest, answer, at) values `, 6, rows,
		` on conflict (key, principal, operation) do nothing`)
	if err == nil && n != int64(len(rows)/6) {
		return fault.New(fault.Conflict, "once.raced")
	}
	return err
}

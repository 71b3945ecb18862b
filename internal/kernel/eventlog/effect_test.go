package eventlog_test

import (
	"database/sql"
	"testing/fstest"
)

// effectSchema is a follower's own table. A fact applied twice breaks its key.
var effectSchema = fstest.MapFS{"schema/0001_effect.sql": {Data: []byte(
	`create table effect_seen (seq bigint not null, id text not null, constraint effect_seen_pk primary key (seq));`)}}

func scanID(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }

package storage

import "database/sql"

// Rows is one result set on its way in, as All hands it to its scan. It is the
// same type as sql.Rows under a name that services may say: they know this
// package, not database/sql.
type Rows = sql.Rows

// Row is the one row that Reader.Row asks for, likewise.
type Row = sql.Row

-- What the district publishes of its firms, as it stood at the turn of an hour: one
-- row for every server on this store, so that all of them say the same all hour.
create table workresume_open (
	name text not null constraint workresume_open_pkey primary key, -- 'figures'
	hour bigint not null,  -- whose figures these are
	taken bigint not null, -- when they were counted
	firms BLOB not null    -- gzip of JSON: each firm as it is counted in public, see board_open.go
);

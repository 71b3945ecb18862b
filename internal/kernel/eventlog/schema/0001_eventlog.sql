-- The end of the log: how many facts are sealed and the tree's root over them.
-- Moving it by compare-and-swap is what makes two sealers harmless. origin is
-- the log's name for life, keys the fingerprint of the ring it was begun with.
create table eventlog_head (
	id bigint not null,
	size bigint not null,
	root BLOB not null,
	origin text not null,
	keys text not null,
	constraint eventlog_head_pk primary key (id),
	constraint eventlog_head_one check (id = 1)
) FLAT;

-- Sealed facts. bytes is what the tree's leaf hashes; the other columns repeat
-- parts of it for look-up, and the verifier checks that they agree. lane is a
-- hash of stream, for eventlog_lane.
create table eventlog_fact (
	seq BIGKEY,
	id text not null,
	stream text not null,
	lane bigint not null,
	name text not null,
	at bigint not null,
	bytes BLOB not null,
	constraint eventlog_fact_id unique (id)
);

-- Which facts belong to a stream, for each 65,536 facts once they are complete:
-- a row per first byte of the lane holds 6 bytes a fact, 4 of the lane and 2 of
-- the place. An index on eventlog_fact itself would touch a random page with
-- every fact; this costs 256 rows in 65,536.
create table eventlog_lane (
	segment bigint not null,
	bucket bigint not null,
	posts BLOB not null,
	constraint eventlog_lane_pk primary key (segment, bucket)
);

-- Committed facts that have no place yet (PostgreSQL; on SQLite only what a
-- restored backup brought).
create table eventlog_unsealed (
	id text not null,
	stream text not null,
	lane bigint not null,
	name text not null,
	at bigint not null,
	bytes BLOB not null,
	constraint eventlog_unsealed_pk primary key (id)
) FLAT;

-- The tree: tile n of level l holds up to 256 hashes of 32 bytes, those of the
-- complete subtrees of 256^l facts; level 0 are the sealed leaves.
create table eventlog_tile (
	level bigint not null,
	n bigint not null,
	hashes BLOB not null,
	constraint eventlog_tile_pk primary key (level, n)
);

-- One key per person whose facts are sealed. Deleting the row erases them.
-- Facts name the key, never the person, so that this link goes too.
create table eventlog_key (
	subject text not null,
	id text not null,
	sealed BLOB not null,
	constraint eventlog_key_pk primary key (subject),
	constraint eventlog_key_id unique (id)
) FLAT;

-- How far each follower has come; written with its effect.
create table eventlog_cursor (
	name text not null,
	seq bigint not null,
	constraint eventlog_cursor_pk primary key (name)
) FLAT;

-- The last checkpoint that was signed: stored before it is shown.
create table eventlog_checkpoint (
	id bigint not null,
	size bigint not null,
	note text not null,
	at bigint not null,
	constraint eventlog_checkpoint_pk primary key (id),
	constraint eventlog_checkpoint_one check (id = 1)
) FLAT;

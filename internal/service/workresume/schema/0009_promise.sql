-- The promise that facts are held against now; no row while it is the one that came
-- with the program.
create table workresume_promise (
	one bigint not null primary key constraint workresume_promise_one check (one = 1),
	policy text not null,
	activation text not null,
	since bigint not null
) FLAT;

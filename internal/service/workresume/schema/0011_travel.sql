-- Where a person came from and was, as they said last; sealed. last is the last day
-- in any of the places, so that who came long ago is not looked at again.
create table workresume_travel (
	person text not null primary key,
	turn bigint not null,
	content BLOB not null,
	last text not null, -- 2006-01-02
	account text not null,
	at bigint not null
) FLAT;

-- Places of risk: from when until when, and who says so. plain is the name as it is
-- compared; until_day '' is still; ended is 0 while the line is on the list.
create table workresume_risk (
	risk text not null primary key,
	place text not null,
	plain text not null,
	level text not null constraint workresume_risk_level check (level in ('low', 'medium', 'high')),
	from_day text not null,
	until_day text not null,
	source text not null,
	account text not null,
	added bigint not null,
	ended bigint not null,
	constraint workresume_risk_once unique (plain, level, from_day, until_day, ended)
) FLAT;

-- A change of the list and how far its travellers were looked at again.
create table workresume_risk_run (
	run text not null primary key,
	plains text not null, -- JSON
	reached text not null,
	total bigint not null,
	done bigint not null,
	turned bigint not null,
	began bigint not null,
	ended bigint not null
) FLAT;
create index workresume_risk_run_ended on workresume_risk_run (ended, run);

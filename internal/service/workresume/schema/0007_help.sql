-- Who may report for whom. helper is a person, or the scope of an office whose
-- officers may, such as park:pla_…; scope is where officers find it. ended is 0
-- while it stands, and what an officer gave as a reason is in the person's story.
create table workresume_help (
	help text not null primary key,
	helped text not null,
	helper text not null,
	scope text not null,
	account text not null, -- who made it
	since bigint not null,
	ended bigint not null,
	constraint workresume_help_once unique (helped, helper, ended)
) FLAT;
create index workresume_help_helper on workresume_help (helper, ended, help);
create index workresume_help_scope on workresume_help (scope, ended, help);

-- A code by which a person lets another one help; only its keyed hash is kept.
create table workresume_help_code (
	person text not null primary key,
	code BLOB not null constraint workresume_help_code_hash unique,
	until bigint not null
) FLAT;

-- How often an account typed a wrong one, by day: a code is short.
create table workresume_help_try (
	account text not null,
	day text not null,
	times bigint not null,
	primary key (account, day)
) FLAT;

-- By whose hand, beside the account: the helper as above, '' for one's own.
alter table workresume_report add column helper text not null default '';

-- One row per firm. name, credit_code and park repeat what the party is, for lists.
create table workresume_firm (
	firm text not null primary key,
	name text not null,
	credit_code text not null constraint workresume_firm_credit_code unique,
	park text not null,
	state text not null constraint workresume_firm_state check (state in ('unfiled', 'returned', 'certified', 'refused')),
	attention bigint not null, -- lists start with the greatest
	since bigint not null,
	class text not null,
	declared bigint not null constraint workresume_firm_declared check (declared >= 0),
	roster bigint not null constraint workresume_firm_roster check (roster >= 0),
	refusals bigint not null,
	reviews bigint not null,
	filing text not null,   -- JSON, '' before the first
	decision text not null, -- JSON of the rules' latest answer, '' before the first
	override text not null, -- JSON, '' while the rules decide
	certificate text not null -- id of the one that stands, or ''
) FLAT;
create index workresume_firm_list on workresume_firm (attention, firm);
create index workresume_firm_park on workresume_firm (park, attention, firm);

create table workresume_certificate (
	certificate text not null primary key,
	firm text not null,
	code text not null constraint workresume_certificate_code unique,
	credential text not null, -- '' until signed, which follows the decision
	issued bigint not null,
	until bigint not null,
	ended bigint not null
) FLAT;
create index workresume_certificate_firm on workresume_certificate (firm, certificate);

create table workresume_member (
	person text not null primary key,
	firm text not null,
	joined bigint not null,
	departed bigint not null, -- 0 while on the roster
	digest BLOB not null,     -- keyed hash of the row, to know the same row again
	details BLOB not null     -- sealed JSON
) FLAT;
create index workresume_member_firm on workresume_member (firm, person);

create table workresume_import (
	import text not null primary key,
	firm text not null,
	account text not null,
	name text not null,
	state text not null constraint workresume_import_state check (state in ('running', 'done', 'cancelled', 'refused', 'interrupted')),
	dry bigint not null,
	total bigint not null,
	row_count bigint not null,
	accepted bigint not null,
	rejected bigint not null,
	unchanged bigint not null,
	review bigint not null,
	refused text not null, -- JSON, '' unless refused
	header text not null,  -- JSON list, for the marked copy
	started bigint not null,
	ended bigint not null
) FLAT;
create index workresume_import_firm on workresume_import (firm, import);

create table workresume_import_fault (
	import text not null,
	line bigint not null,
	cells BLOB not null, -- sealed JSON: the row as typed and its faults
	primary key (import, line)
) FLAT;

create table workresume_review (
	review text not null primary key,
	firm text not null,
	other text not null,
	person text not null,
	state text not null constraint workresume_review_state check (state in ('found', 'asked', 'moved', 'kept')),
	note text not null,
	reason text not null,
	digest BLOB not null,
	details BLOB not null,
	found bigint not null,
	settled bigint not null,
	constraint workresume_review_once unique (firm, person, settled)
) FLAT;
create index workresume_review_state on workresume_review (state, review);

create table workresume_pass (
	person text not null,
	printed bigint not null,
	firm text not null,
	short_code text not null constraint workresume_pass_short_code unique,
	credential text not null,
	issued bigint not null,
	until bigint not null,
	primary key (person, printed)
) FLAT;

create table workresume_check (
	check_id text not null primary key,
	reference text not null, -- read aloud; unique enough at one gate
	gate text not null,
	place text not null,
	person text not null, -- '' when the code could not be read
	direction text not null,
	admit bigint not null,
	counted bigint not null, -- what it added to the number inside: -1, 0 or 1
	code text not null,
	account text not null,
	at bigint not null,
	undone bigint not null
) FLAT;
create index workresume_check_gate on workresume_check (gate, check_id);
create index workresume_check_reference on workresume_check (reference, gate, check_id);

create table workresume_presence (
	person text not null primary key,
	place text not null,
	since bigint not null
) FLAT;

create table workresume_inside (
	place text not null primary key,
	number bigint not null constraint workresume_inside_number check (number >= 0)
) FLAT;

create table workresume_notice (
	notice text not null primary key,
	firm text not null,
	at bigint not null,
	code text not null,
	args text not null, -- JSON
	seen bigint not null
) FLAT;
create index workresume_notice_firm on workresume_notice (firm, notice);

create table workresume_day (
	day text not null, -- 2006-01-02 in the district's zone
	firm text not null,
	park text not null,
	state text not null,
	roster bigint not null,
	back bigint not null,
	primary key (day, firm)
) FLAT;

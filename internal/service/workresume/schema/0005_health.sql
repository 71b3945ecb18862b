-- A report on one person's day. The one with the greatest turn stands; the others
-- are its history. What was said is sealed.
create table workresume_report (
	person text not null,
	day text not null, -- 2006-01-02 in the district's zone
	turn bigint not null,
	report text not null constraint workresume_report_id unique,
	content BLOB not null,
	way text not null constraint workresume_report_way check (way in ('own', 'helper', 'paper')),
	account text not null,
	at bigint not null,
	primary key (person, day, turn)
) FLAT;

-- A person's colour, for whoever ever had another than green: what their own
-- reports come to, and beside it what two officers said. No row is green.
create table workresume_colour (
	person text not null primary key,
	own bigint not null constraint workresume_colour_own check (own in (0, 1)), -- never red: see colour.go
	own_ends bigint not null,
	held bigint not null constraint workresume_colour_held check (held in (0, 1, 2)),
	held_ends bigint not null,
	restriction text not null, -- id of the one that holds, or ''
	changed bigint not null
) FLAT;

-- What two officers said of one person, for a while. ended is 0 while it may hold.
create table workresume_restriction (
	restriction text not null primary key,
	person text not null,
	act text not null constraint workresume_restriction_act unique,
	reason text not null, -- a code of the colour pack
	level bigint not null,
	content BLOB not null, -- sealed JSON: the note, who asked and who confirmed
	since bigint not null,
	until bigint not null,
	ended bigint not null,
	appeal text not null -- id of its case, or ''
) FLAT;
create index workresume_restriction_person on workresume_restriction (person, restriction);
create index workresume_restriction_ended on workresume_restriction (ended, restriction);

-- That a firm asked somebody to report, by day; what they report it is not told.
create table workresume_reminder (
	person text not null,
	day text not null,
	times bigint not null constraint workresume_reminder_times check (times > 0),
	at bigint not null, -- the latest
	primary key (person, day)
) FLAT;

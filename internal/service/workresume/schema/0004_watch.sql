-- What facts say against a promise stands beside the decision: '' while it is kept.
alter table workresume_firm add column watch text not null default '';
alter table workresume_firm add column watched bigint not null default 0; -- since when

-- One rule of the promise that a firm does not keep, from the first moment on.
create table workresume_flag (
	firm text not null,
	rule text not null,
	level bigint not null, -- 0 noted, 1 warned, 2 suspended, 3 withdrawn
	began bigint not null,
	raised bigint not null, -- to this level
	gone bigint not null,   -- since when the facts are as they should be, 0 while they are not
	finding text not null,  -- JSON
	primary key (firm, rule)
) FLAT;
create index workresume_flag_level on workresume_flag (level, raised, firm, rule);

-- What a firm has in store, as it last said; a filing says so too.
create table workresume_stock (
	firm text not null primary key,
	masks bigint not null constraint workresume_stock_masks check (masks >= 0),
	account text not null,
	at bigint not null
) FLAT;

-- What the power desk reads off a firm's meters, for a day or an hour.
create table workresume_meter (
	firm text not null,
	day bigint not null,   -- of the district, when it begins
	at bigint not null,    -- when the time begins
	hours bigint not null constraint workresume_meter_hours check (hours in (1, 24)),
	watt_hours bigint not null constraint workresume_meter_energy check (watt_hours >= 0),
	primary key (firm, day, at)
) FLAT;

-- What a firm uses on a day of normal work.
create table workresume_normal (
	firm text not null primary key,
	watt_hours bigint not null constraint workresume_normal_energy check (watt_hours > 0)
) FLAT;

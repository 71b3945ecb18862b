-- One list is open at a time; the ones before stand until nothing in them holds.
create table statuslist_list (
	list bigint not null primary key,
	lent bigint not null constraint statuslist_list_lent check (lent >= 0), -- places below this were given out, in blocks
	until bigint not null, -- no credential in the list outlives this
	opened bigint not null
) FLAT;

-- Only places that are not valid have a row.
create table statuslist_state (
	list bigint not null,
	place bigint not null,
	state bigint not null constraint statuslist_state_known check (state in (1, 2)),
	at bigint not null,
	primary key (list, place)
) FLAT;

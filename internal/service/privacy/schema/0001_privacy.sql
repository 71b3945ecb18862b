-- What people ask about their own details. wish and answer are sealed; wish is
-- emptied once the request is settled.
create table privacy_request (
	request text not null primary key,
	person text not null,
	kind text not null constraint privacy_request_kind check (kind in ('correct', 'erase')),
	field text not null,
	wish BLOB not null,
	answer BLOB not null,
	state text not null constraint privacy_request_state check (state in ('waiting', 'granted', 'refused')),
	created bigint not null,
	settled bigint not null,
	settled_by text not null
) FLAT;
create index privacy_request_person on privacy_request (person, request);
create index privacy_request_queue on privacy_request (state, request);

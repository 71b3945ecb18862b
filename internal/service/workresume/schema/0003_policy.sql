-- A policy as it was uploaded, for ever: decisions name its pack, version and digest.
create table workresume_policy (
	policy text not null primary key,
	pack text not null,
	version text not null,
	source text not null, -- the file
	account text not null,
	added bigint not null,
	constraint workresume_policy_version unique (pack, version)
) FLAT;

-- A policy's coming into force, confirmed by two people, and the district's
-- re-evaluation under it. reached is the last firm asked again.
create table workresume_activation (
	activation text not null primary key,
	policy text not null,
	act text not null constraint workresume_activation_act unique,
	state text not null constraint workresume_activation_state check (state in ('waiting', 'running', 'done', 'overtaken')),
	begins bigint not null,
	confirmed bigint not null,
	total bigint not null,
	done bigint not null,
	turned bigint not null,
	reached text not null,
	tally text not null, -- JSON
	ended bigint not null
) FLAT;

-- The policy that decides now; no row while it is the one a store begins with.
create table workresume_in_force (
	one bigint not null primary key constraint workresume_in_force_one check (one = 1),
	policy text not null,
	activation text not null,
	since bigint not null
) FLAT;

-- What an officer states about a firm, where a policy asks for it.
create table workresume_attested (
	firm text not null,
	fact text not null,
	value bigint not null,
	reason text not null,
	account text not null,
	at bigint not null,
	primary key (firm, fact)
) FLAT;

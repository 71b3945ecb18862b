-- A person's particulars are one sealed blob; beside it stand keyed hashes, for
-- finding a person whose number, phone or full name is already known. Without
-- the key, which is kept outside the database, none of them says anything.
-- A hash is null where there is nothing to find by, and after erasure.
--
-- The hash key rotates by a second column: add number_hash_2 (and its kin),
-- fill it in chunks, make it unique, look up by it, drop the first.
--
-- A hash falls anywhere in an index, so that a batch of 500 new people touches
-- hundreds of pages of each: most of what an import costs. Only number_hash,
-- which is unique across all, bears that. Phones and names are indexed run by
-- run: a run is some four thousand people added one after another, whose part
-- of the index is a few dozen pages; whoever looks up asks each run in turn.
create table party_person (
  id          text   not null constraint party_person_pk primary key,
  number_hash BLOB,
  run         bigint not null,
  phone_hash  BLOB,
  name_hash   BLOB,
  sealed      BLOB   not null,
  created     bigint not null,
  updated     bigint not null,
  erased      bigint not null,
  constraint party_person_number unique (number_hash),
  constraint party_erased_unfindable check (erased = 0 or (number_hash is null and phone_hash is null and name_hash is null))
);

create index party_person_phone on party_person (run, phone_hash);
create index party_person_name on party_person (run, name_hash);

-- Firms and institutions. Name and credit code are public registry data and
-- plain; the phone is often somebody's own and sealed, empty where none is known.
create table party_organisation (
  id           text   not null constraint party_organisation_pk primary key,
  credit_code  text   not null,
  name         text   not null,
  place        text   not null,
  street       text   not null,
  industry     text   not null,
  sealed_phone BLOB   not null,
  created      bigint not null,
  updated      bigint not null,
  constraint party_organisation_code unique (credit_code)
) FLAT;

create index party_organisation_place on party_organisation (place, id);

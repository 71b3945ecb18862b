-- Where the person was counted before a check, and their last check before it, so that
-- it can be taken back exactly. A person who is nowhere keeps a row in
-- workresume_presence too, with place '': since is the moment of their last check.
alter table workresume_check add column left_place text not null default '';
alter table workresume_check add column seen_before bigint not null default 0;
-- What a phone answered by itself while it had no network; '' where the server decided.
alter table workresume_check add column said text not null default '';
-- Such checks come late and are few: they are found by person, the others need not be.
create index workresume_check_said on workresume_check (person, at) where said <> '';

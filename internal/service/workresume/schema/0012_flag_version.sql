-- By which version of the promise a flag speaks; '' for one of before this was kept,
-- until facts speak of it again.
alter table workresume_flag add column version text not null default '';

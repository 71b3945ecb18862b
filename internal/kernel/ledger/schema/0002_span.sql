-- How many periods in a row a quota counts together.
alter table ledger_quota add column span bigint not null default 1;

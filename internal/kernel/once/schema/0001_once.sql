-- One row per command from outside that asked to be done exactly once. The key
-- comes first: keys made by Ticket ascend, and so new rows land side by side.
-- answer is JSON, '' while the command runs and where there is nothing to say.
create table once_key (
  key       text   not null,
  principal text   not null,
  operation text   not null,
  digest    BLOB   not null,
  answer    text   not null,
  at        bigint not null,
  constraint once_key_pk primary key (key, principal, operation)
) FLAT;

-- For Sweep alone; times ascend, so it grows at its end only.
create index once_by_age on once_key (at);

-- When somebody left a family. For a while they still count with its household, so that
-- nobody has a share twice by going.
alter table ration_family add column left_at bigint not null default 0;
-- Who can speak for themself is asked first; head wants to ask for person.
create table ration_family_ask (
  person text not null,
  head text not null,
  at bigint not null,
  constraint ration_family_ask_key primary key (person, head)
) FLAT;
create index ration_family_ask_head on ration_family_ask (head);
-- Wrong tries at what only some know: somebody's name beside their number, the last four
-- of their paper. Subject is what was tried at and by whom.
create table ration_try (
  subject text not null,
  day bigint not null,
  times bigint not null,
  constraint ration_try_key primary key (subject, day)
) FLAT;

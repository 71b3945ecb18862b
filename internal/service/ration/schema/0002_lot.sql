-- Who takes part in draws. day is the round's; -1 for an entry that stands until it
-- wins. ticket is what the list shows: of no person.
create table ration_entry (
  campaign text not null,
  day bigint not null,
  holder text not null,
  ticket text not null,
  point text not null,
  person text not null,
  firm text not null,
  account text not null,
  at bigint not null,
  constraint ration_entry_key primary key (campaign, day, holder),
  constraint ration_entry_ticket unique (ticket)
) FLAT;
create index ration_entry_account on ration_entry (account, campaign);

-- When somebody won last: who waits is not in the next list.
create table ration_won (
  campaign text not null,
  holder text not null,
  day bigint not null,
  constraint ration_won_key primary key (campaign, holder)
) FLAT;

-- A round's draw: the list as it was frozen and the transcript, both deflated, and the
-- list's hash.
create table ration_draw (
  campaign text not null,
  day bigint not null,
  state text not null,
  entries bigint not null,
  places bigint not null,
  hash text not null,
  beacon bigint not null,
  list BLOB not null,
  transcript BLOB not null,
  frozen bigint not null,
  drawn bigint not null,
  placed bigint not null,
  constraint ration_draw_key primary key (campaign, day),
  constraint ration_draw_state check (state in ('frozen', 'drawn', 'placed'))
);

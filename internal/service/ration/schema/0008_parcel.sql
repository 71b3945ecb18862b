-- Where something goes to that is sent or brought: one for each person or firm of a
-- campaign, sealed.
create table ration_address (
  campaign text not null,
  whose text not null,
  sealed BLOB not null,
  at bigint not null,
  constraint ration_address_key primary key (campaign, whose)
) FLAT;
-- What left for somebody, and what came back. n is how many times it left.
create table ration_parcel (
  offer text not null,
  transfer text not null,
  state text not null,
  n bigint not null,
  tracking text not null,
  reason text not null,
  sent bigint not null,
  sent_by text not null,
  back bigint not null,
  back_by text not null,
  constraint ration_parcel_key primary key (offer, transfer),
  constraint ration_parcel_state check (state in ('sent', 'back'))
) FLAT;
-- A list of addresses that somebody opened to send by, and what stood on it.
create table ration_sheet (
  sheet text not null,
  point text not null,
  day bigint not null,
  account text not null,
  at bigint not null,
  constraint ration_sheet_key primary key (sheet)
) FLAT;
create table ration_sheet_line (
  sheet text not null,
  n bigint not null,
  offer text not null,
  transfer text not null,
  constraint ration_sheet_line_key primary key (sheet, n)
) FLAT;

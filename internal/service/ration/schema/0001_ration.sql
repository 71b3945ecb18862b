-- Shops where goods are fetched, and depots from which shops are supplied.
create table ration_point (
  point text not null,
  kind text not null,
  name text not null,
  address text not null,
  town text not null,
  lat bigint not null,
  lon bigint not null,
  phone text not null,
  opened bigint not null,
  closed bigint not null,
  constraint ration_point_key primary key (point),
  constraint ration_point_name unique (name),
  constraint ration_point_kind check (kind in ('shop', 'depot'))
) FLAT;

-- A campaign: its file, which never changes, and its book with the accounts that are
-- one for the whole of it. Times are 0 until they come.
create table ration_campaign (
  campaign text not null,
  state text not null,
  file BLOB not null,
  digest text not null,
  book text not null,
  source text not null,
  supply text not null,
  given text not null,
  made text not null,
  handed text not null,
  spoiled text not null,
  turns text not null,
  turned text not null,
  quota text not null,
  opened bigint not null,
  closed bigint not null,
  constraint ration_campaign_key primary key (campaign),
  constraint ration_campaign_state check (state in ('open', 'closed'))
) FLAT;

-- One day on which a campaign is open.
create table ration_round (
  campaign text not null,
  day bigint not null,
  state text not null,
  planned_by text not null,
  planned bigint not null,
  constraint ration_round_key primary key (campaign, day),
  constraint ration_round_state check (state in ('planned', 'frozen', 'drawn', 'swept'))
) FLAT;

-- So many pieces at a point, in a part of the days on which they can be fetched.
-- account is the ledger's; part is the number of the window, from 0.
create table ration_offer (
  offer text not null,
  campaign text not null,
  day bigint not null,
  point text not null,
  part bigint not null,
  pieces bigint not null,
  account text not null,
  constraint ration_offer_key primary key (offer),
  constraint ration_offer_once unique (campaign, day, point, part)
) FLAT;

-- A promise. transfer is its hold in the ledger, and ascends with time.
create table ration_allotment (
  offer text not null,
  transfer text not null,
  campaign text not null,
  holder text not null,
  person text not null,
  firm text not null,
  account text not null,
  pieces bigint not null,
  until bigint not null,
  state text not null,
  at bigint not null,
  ended bigint not null,
  lot text not null,
  constraint ration_allotment_key primary key (offer, transfer),
  constraint ration_allotment_state check (state in ('held', 'collected', 'lapsed', 'given_back'))
) FLAT;
create index ration_allotment_person on ration_allotment (person, transfer);
create index ration_allotment_firm on ration_allotment (firm, transfer);

-- Goods of one delivery, of a campaign's item.
create table ration_lot (
  lot text not null,
  campaign text not null,
  maker text not null,
  number text not null,
  best_before text not null,
  recalled bigint not null,
  received bigint not null,
  constraint ration_lot_key primary key (lot),
  constraint ration_lot_number unique (campaign, maker, number)
) FLAT;

-- The pieces of a lot at a point: an account of the campaign's book.
create table ration_shelf (
  campaign text not null,
  point text not null,
  lot text not null,
  account text not null,
  constraint ration_shelf_key primary key (campaign, point, lot)
) FLAT;

-- The people for whom somebody asks, themself not among them: each is in one family.
create table ration_family (
  person text not null,
  head text not null,
  n bigint not null,
  at bigint not null,
  constraint ration_family_key primary key (person),
  constraint ration_family_place unique (head, n)
) FLAT;

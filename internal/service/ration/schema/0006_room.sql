-- A waiting room: of a campaign and a round. book is the ledger's, in which a place is a
-- transfer from door to places, and the drawing of lots one from door to opened. hash is
-- of the seed, which is sealed until then. let is how many have their turn, moved up to
-- when that was reckoned, told how many of them were sent a message.
create table ration_room (
  campaign text not null,
  day bigint not null,
  book text not null,
  door text not null,
  places text not null,
  opened text not null,
  hash text not null,
  sealed BLOB not null,
  seed text not null,
  digest text not null,
  early bigint not null,
  let bigint not null,
  moved bigint not null,
  told bigint not null,
  constraint ration_room_key primary key (campaign, day),
  constraint ration_room_told check (told <= let)
) FLAT;

-- Whose a place is. at is the moment of its batch in the journal, so that what is stored
-- by it ascends.
create table ration_place (
  campaign text not null,
  day bigint not null,
  at bigint not null,
  ticket text not null,
  person text not null,
  firm text not null,
  account text not null,
  constraint ration_place_key primary key (campaign, day, at, ticket)
) FLAT;

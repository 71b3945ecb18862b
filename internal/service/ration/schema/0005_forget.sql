-- Allotments that were given back with the person they were of: what they held in the
-- ledger is still to be freed.
create table ration_owed (
  offer text not null,
  transfer text not null,
  constraint ration_owed_key primary key (offer, transfer)
) FLAT;
-- What counts for somebody and is not theirs by name: of a household, of an employee.
-- Everybody's own is found by its key or by run.
create index ration_allotment_holder on ration_allotment (holder) where holder <> person;
create index ration_entry_person on ration_entry (person) where person <> '';
create index ration_entry_holder on ration_entry (holder) where holder <> person;

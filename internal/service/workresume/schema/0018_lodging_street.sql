-- The street of somebody's lodging, a place's id, where they named one; the address stays
-- sealed. Beside it, so that an office finds a street without opening everybody.
alter table workresume_travel add column street text not null default '';
create index workresume_travel_street on workresume_travel (street, person);

-- Whose an allotment is falls anywhere among all people: one index over everything
-- would dirty a page of its own for each in a rush. So it is by run first, some thousand
-- allotments one after another, whose part of the index is few pages while it grows.
alter table ration_allotment add column run bigint not null default 0;
drop index ration_allotment_person;
create index ration_allotment_whose on ration_allotment (run, person, transfer);

-- 1 while the person's codes stand suspended in the status list for the colour. A
-- colour that lapses by its own time is found by it.
alter table workresume_colour add column marked bigint not null default 0;
create index workresume_colour_marked on workresume_colour (marked, person);

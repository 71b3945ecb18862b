-- A place in a status list, "list/place"; '' for what was signed before there were lists.
alter table workresume_certificate add column status text not null default '';
alter table workresume_pass add column status text not null default '';
create index workresume_pass_firm on workresume_pass (firm, person);

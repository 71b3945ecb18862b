-- Which helper appealed in the person's name, as in workresume_help; '' is the person.
alter table workresume_restriction add column appellant text not null default '';

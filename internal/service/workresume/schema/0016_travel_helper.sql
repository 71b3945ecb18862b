-- Which helper said it, as in workresume_help; '' is the person's own word. Own and
-- without a last day: the person took back what a helper had said.
alter table workresume_travel add column helper text not null default '';

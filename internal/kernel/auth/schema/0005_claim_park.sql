-- Where a firm that claims its file says it works: a park's id, 'none' for a building in
-- no park, '' of claims from before it was asked.
alter table auth_claim add column park text not null default '';

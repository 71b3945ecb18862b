-- When the heads inside were last counted by somebody: what was seen before that and is
-- taken back later, or told late, is in the count already.
alter table workresume_inside add column counted bigint not null default 0;

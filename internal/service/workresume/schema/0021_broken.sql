-- Of how many firms some rule of the policy could not be worked out.
alter table workresume_activation add column broken bigint not null default 0;

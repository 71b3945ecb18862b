-- Identities of the district's provider and the account each opens. ended 0 is now;
-- proven is 1 once somebody came by it. A row stays when its link ends, so that an
-- identity that was one person's in one account does not open a second.
create table auth_identity (
  issuer text not null,
  subject text not null,
  account text not null,
  proven bigint not null,
  linked_by text not null,
  created bigint not null,
  used bigint not null,
  ended bigint not null,
  constraint auth_identity_key primary key (issuer, subject)
) FLAT;
create index auth_identity_account on auth_identity (account, ended);

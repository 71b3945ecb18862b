-- Accounts. login is a user name in plain text for staff, the lower-case credit
-- code for a firm, and "~kind:id" (which nobody can type) for an account that is
-- found by its seat: a worker by the phone, a token by its secret. name is a
-- staff member's or a firm's public name, and empty for a worker, whose masked
-- name comes from party. password is an argon2id text or empty: none.
create table auth_account (
  id text not null,
  login text not null,
  role text not null,
  scope_kind text not null,
  scope_id text not null,
  person text not null,
  name text not null,
  password text not null,
  epoch bigint not null,
  disabled bigint not null,
  created bigint not null,
  constraint auth_account_key primary key (id),
  constraint auth_account_login unique (login)
) FLAT;
create index auth_account_seat on auth_account (role, scope_kind, scope_id, id);

-- Sessions. secret is SHA-256 of 256 random bits; epoch is the account's when
-- the session began, and another epoch ends it.
create table auth_session (
  id text not null,
  account text not null,
  secret BLOB not null,
  epoch bigint not null,
  device text not null,
  demo bigint not null,
  created bigint not null,
  seen bigint not null,
  expires bigint not null,
  constraint auth_session_key primary key (id)
) FLAT;
create index auth_session_account on auth_session (account, id);
create index auth_session_expires on auth_session (expires);

-- Tokens for programs. expires 0 is never.
create table auth_token (
  id text not null,
  account text not null,
  secret BLOB not null,
  label text not null,
  demo bigint not null,
  created bigint not null,
  expires bigint not null,
  constraint auth_token_key primary key (id)
) FLAT;
create index auth_token_account on auth_token (account, id);

-- Claims of firms. contact is sealed; firm is empty while the district does not
-- know the credit code; ticket is what a repeated form carries.
create table auth_claim (
  id text not null,
  reference text not null,
  ticket text not null,
  digest BLOB not null,
  firm text not null,
  credit_code text not null,
  firm_name text not null,
  contact BLOB not null,
  password text not null,
  state text not null,
  reason text not null,
  account text not null,
  created bigint not null,
  decided bigint not null,
  decided_by text not null,
  constraint auth_claim_key primary key (id),
  constraint auth_claim_reference unique (reference),
  constraint auth_claim_ticket unique (ticket),
  constraint auth_claim_state check (state in ('waiting', 'released', 'refused'))
) FLAT;
create index auth_claim_code on auth_claim (credit_code, id);
create index auth_claim_queue on auth_claim (state, id);

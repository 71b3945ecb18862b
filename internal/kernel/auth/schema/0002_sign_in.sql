-- Codes sent to phones. phone is a keyed hash, to count by; number is sealed;
-- digest is a keyed hash of the code. Rows stay a day, for the day's limit.
create table auth_code (
  id text not null,
  phone BLOB not null,
  number BLOB not null,
  digest BLOB not null,
  tries bigint not null,
  used bigint not null,
  created bigint not null,
  expires bigint not null,
  constraint auth_code_key primary key (id),
  constraint auth_code_tries check (tries >= 0 and tries <= 5)
) FLAT;
create index auth_code_phone on auth_code (phone, created);
create index auth_code_created on auth_code (created);

-- Passkeys. credential is the id the authenticator gave; record is the public key
-- with its counters, as JSON.
create table auth_passkey (
  id text not null,
  account text not null,
  credential BLOB not null,
  record BLOB not null,
  label text not null,
  created bigint not null,
  used bigint not null,
  constraint auth_passkey_key primary key (id),
  constraint auth_passkey_credential unique (credential)
) FLAT;
create index auth_passkey_account on auth_passkey (account, id);

-- Ceremonies that were finished, so that none is finished twice.
create table auth_spent (
  id text not null,
  expires bigint not null,
  constraint auth_spent_key primary key (id)
) FLAT;
create index auth_spent_expires on auth_spent (expires);

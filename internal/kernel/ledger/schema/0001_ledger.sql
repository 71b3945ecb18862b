-- A book: accounts and quotas that are decided on together. accounts and quotas
-- count those opened, which numbers the next.
create table ledger_book (
  id text not null,
  accounts bigint not null,
  quotas bigint not null,
  opened bigint not null,
  constraint ledger_book_key primary key (id)
) FLAT;

-- The end of a book's journal: the number of its last batch. Every batch begins by
-- moving it from n to n + 1, and whoever finds another n has decided on the past.
create table ledger_head (
  book text not null,
  n bigint not null,
  constraint ledger_head_key primary key (book)
) FLAT;

-- The journal, which is the truth: batch n of a book holds its transfers from
-- number first on, packed (journal.go has the format). digest is SHA-256 over the
-- digest before, what stands beside the bytes, and the bytes.
create table ledger_batch (
  book text not null,
  n bigint not null,
  first bigint not null,
  transfers bigint not null,
  at bigint not null,
  digest BLOB not null,
  bytes BLOB not null,
  constraint ledger_batch_key primary key (book, n),
  constraint ledger_batch_first unique (book, first),
  constraint ledger_batch_some check (transfers > 0)
);

-- Balances after the last batch, each the sum of the journal: posted is credits less
-- debits, held what open holds take from the account, expected what they bring it.
-- bounded is 0 for an account outside, from which stock comes.
create table ledger_account (
  id text not null,
  book text not null,
  n bigint not null,
  unit text not null,
  purpose text not null,
  bounded bigint not null,
  floor bigint not null,
  posted bigint not null,
  held bigint not null,
  expected bigint not null,
  opened bigint not null,
  constraint ledger_account_key primary key (id),
  constraint ledger_account_number unique (book, n),
  constraint ledger_account_floor check (bounded = 0 or posted - held >= floor),
  constraint ledger_account_held check (held >= 0),
  constraint ledger_account_expected check (expected >= 0)
) FLAT;

-- At most so many units for one holder in one period.
create table ledger_quota (
  id text not null,
  book text not null,
  n bigint not null,
  most bigint not null,
  purpose text not null,
  opened bigint not null,
  constraint ledger_quota_key primary key (id),
  constraint ledger_quota_number unique (book, n),
  constraint ledger_quota_most check (most > 0)
) FLAT;

-- Balances of all a book's accounts after every 256th batch, packed, so that a
-- balance of the past is found without adding up everything before it.
create table ledger_mark (
  book text not null,
  n bigint not null,
  at bigint not null,
  balances BLOB not null,
  constraint ledger_mark_key primary key (book, n)
);
create index ledger_batch_at on ledger_batch (book, at);
create index ledger_mark_at on ledger_mark (book, at);

-- What officers are told of a late case, once for each step: first whoever has it,
-- then the chief. account is '' where nobody has it. seen is when somebody said so.
create table casework_notice (
  case_id text not null,
  step text not null,
  account text not null,
  at bigint not null,
  seen bigint not null,
  seen_by text not null,
  constraint casework_notice_key primary key (case_id, step),
  constraint casework_notice_step check (step in ('officer', 'chief'))
) FLAT;
create index casework_notice_unseen on casework_notice (seen, at, case_id);

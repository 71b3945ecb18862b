-- One row per case. chain is JSON, the scopes narrow to wide, and park the place
-- id of the park among them, for lists. content is sealed JSON: the list of what
-- is missing, notes and reasons. due is the first late instant, as it was when a
-- clock was paused; left_days and paused are the paused clock. standing is ''
-- while the case is not closed and its own id afterwards.
create table casework_case (
  id text not null,
  kind text not null,
  subject text not null,
  person text not null,
  park text not null,
  chain text not null,
  content BLOB not null,
  state text not null,
  standing text not null,
  days bigint not null,
  due bigint not null,
  paused bigint not null,
  left_days bigint not null,
  opened bigint not null,
  asked bigint not null,
  assignee text not null,
  assignee_name text not null,
  escalated bigint not null,
  outcome text not null,
  decided_by text not null,
  decided_name text not null,
  decided_person text not null,
  closed bigint not null,
  constraint casework_case_key primary key (id),
  constraint casework_case_standing unique (kind, subject, standing),
  constraint casework_case_state check (state in ('open', 'waiting', 'closed'))
) FLAT;
create index casework_case_due on casework_case (state, due, id);
create index casework_case_assignee on casework_case (assignee, state, due, id);
create index casework_case_subject on casework_case (subject, id);
create index casework_case_late on casework_case (escalated, state, due, id);

-- The district's own calendars; one replaces the published year of its number.
create table casework_year (
  year bigint not null,
  text text not null,
  by_whom text not null,
  at bigint not null,
  constraint casework_year_key primary key (year)
) FLAT;

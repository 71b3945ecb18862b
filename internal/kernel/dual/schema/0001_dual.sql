-- One row per act that needs two people. chain is JSON, the scopes narrow to
-- wide; content is sealed JSON: the body, the reason and the answer. standing is
-- '' while the act waits and its own id afterwards, so that one act of a kind
-- waits for a subject, and ended ones never stand in the way.
create table dual_act (
  id text not null,
  kind text not null,
  subject text not null,
  person text not null,
  chain text not null,
  content BLOB not null,
  state text not null,
  standing text not null,
  proposer text not null,
  proposer_person text not null,
  proposer_name text not null,
  second text not null,
  second_name text not null,
  proposed bigint not null,
  expires bigint not null,
  ended bigint not null,
  constraint dual_act_key primary key (id),
  constraint dual_act_waiting unique (kind, subject, standing),
  constraint dual_act_state check (state in ('proposed', 'confirmed', 'refused', 'withdrawn', 'expired')),
  constraint dual_act_two check (state <> 'confirmed' or (second <> '' and second <> proposer))
) FLAT;
create index dual_act_queue on dual_act (state, id);
create index dual_act_person on dual_act (person, id);

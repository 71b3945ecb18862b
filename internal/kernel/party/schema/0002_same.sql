-- Records that people found to be of one person: all that stand with one whole are
-- one. A row is ended, never changed back: what was thought when stays readable.
-- standing is '' while it holds and the row's own id afterwards, so that a record
-- stands in one whole at most and there is nothing to chain.
create table party_same (
	same text not null constraint party_same_pk primary key,
	person text not null,
	whole text not null,
	since bigint not null,
	ended bigint not null,
	standing text not null,
	constraint party_same_once unique (person, standing)
) FLAT;
create index party_same_whole on party_same (whole, standing);

-- Places in one tree. A parent of '' is the root: the district itself.
-- path is the ids from the root to the place, joined by '/': a place's chain of
-- scopes is one row to read. A place never moves, so a path never goes stale.
create table place_place (
  id           text   not null constraint place_place_pk primary key,
  parent       text   not null,
  kind         text   not null,
  name         text   not null,
  name_en      text   not null,
  organisation text   not null,
  path         text   not null,
  created      bigint not null,
  constraint place_sibling_name unique (parent, kind, name),
  constraint place_not_own_parent check (parent <> id),
  constraint place_root_is_district check ((parent = '') = (kind = 'district'))
) FLAT;

create index place_by_kind on place_place (kind, id);
create index place_by_organisation on place_place (organisation, id);

-- One installation serves one district: the key admits a single row.
create table place_district (
  single    bigint not null constraint place_district_pk primary key,
  id        text   not null,
  zone      text   not null,
  languages text   not null,
  constraint place_one_district check (single = 1)
) FLAT;

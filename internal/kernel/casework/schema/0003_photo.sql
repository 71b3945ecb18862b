-- Photos of a case, made anew from what was sent and sealed. sha is of the picture
-- as it is kept: the same photo sent again is the same row.
create table casework_photo (
  photo text not null,
  case_id text not null,
  sha text not null,
  at bigint not null,
  account text not null,
  party text not null, -- officer or applicant
  picture BLOB not null,
  small BLOB not null,
  constraint casework_photo_key primary key (photo),
  constraint casework_photo_once unique (case_id, sha)
) FLAT;

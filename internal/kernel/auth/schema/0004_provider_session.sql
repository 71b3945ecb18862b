-- Which sessions began by the district's provider, so that it can say that they are
-- over. sid is the provider's own session, '' where it names none. A row goes when its
-- session would have.
create table auth_provider_session (
  session text not null,
  issuer text not null,
  subject text not null,
  sid text not null,
  expires bigint not null,
  constraint auth_provider_session_key primary key (session)
) FLAT;
create index auth_provider_session_who on auth_provider_session (issuer, subject);
create index auth_provider_session_sid on auth_provider_session (issuer, sid);
create index auth_provider_session_expires on auth_provider_session (expires);

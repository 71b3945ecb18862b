-- Why a point is closed, which everybody may read, and the point where its bookings are
-- handed over meanwhile; "" is nowhere.
alter table ration_point add column why text not null default '';
alter table ration_point add column instead text not null default '';
create index ration_point_instead on ration_point (instead) where instead <> '';

-- Pieces of a lot that a point handed out and did not get back: more cannot be brought
-- back to it.
alter table ration_shelf add column handed bigint not null default 0;
update ration_shelf set handed = (select coalesce(sum(a.pieces), 0) from ration_allotment a
  join ration_offer o on o.offer = a.offer
  where a.campaign = ration_shelf.campaign and a.lot = ration_shelf.lot and o.point = ration_shelf.point and a.state = 'collected');

-- What came to nothing, of a campaign: few among all bookings, and summed on the desk.
create index ration_allotment_over on ration_allotment (campaign, state, pieces) where state in ('lapsed', 'given_back');
-- A firm's bookings, the newest first.
drop index ration_allotment_firms;
create index ration_allotment_firms on ration_allotment (firm, at, transfer) where firm <> '';

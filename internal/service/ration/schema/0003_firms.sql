-- Most allotments are people's own: firms' are found by an index of theirs alone.
drop index ration_allotment_firm;
create index ration_allotment_firms on ration_allotment (firm, transfer) where firm <> '';

-- References are drawn by chance, so this index touched a page of its own with every
-- check, a third of what a morning wrote. A check is found among its gate's newest.
drop index workresume_check_reference;

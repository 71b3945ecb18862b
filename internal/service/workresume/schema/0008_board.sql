-- The figures of a day that has passed, by what a board is filtered by: they are
-- counted once, when the day ends, and never again.
create table workresume_daily (
	day text not null,      -- 2006-01-02 in the district's zone
	park text not null,
	class text not null,
	industry text not null, -- an option of the rules
	size text not null constraint workresume_daily_size check (size in ('none', 'micro', 'small', 'medium', 'large')),
	firms bigint not null,
	filed bigint not null,
	resumed bigint not null,
	suspended bigint not null,
	refused bigint not null,
	declared bigint not null, -- people
	back bigint not null,
	came bigint not null,     -- people who came in at a gate
	primary key (day, park, class, industry, size)
) FLAT;

-- What was kept firm by firm until now. Its line of business stood in no column.
insert into workresume_daily (day, park, class, industry, size, firms, filed, resumed, suspended, refused, declared, back, came)
	select d.day, d.park, f.class, '', case when d.roster = 0 then 'none' when d.roster < 10 then 'micro' when d.roster < 50 then 'small' when d.roster < 300 then 'medium' else 'large' end,
		count(*), sum(case when d.state <> 'unfiled' then 1 else 0 end), sum(case when d.state = 'certified' then 1 else 0 end), sum(case when d.state = 'suspended' then 1 else 0 end),
		sum(case when d.state = 'refused' then 1 else 0 end), sum(d.roster), sum(d.back), 0
	from workresume_day d join workresume_firm f on f.firm = d.firm
	group by d.day, d.park, f.class, case when d.roster = 0 then 'none' when d.roster < 10 then 'micro' when d.roster < 50 then 'small' when d.roster < 300 then 'medium' else 'large' end;
drop table workresume_day;

-- Sheets of paper for people who report by hand: one page each, with its number in
-- print. about is a firm, or the scope of the office whose helped people stand on it;
-- scope is where officers find it. typed is when it was typed in last, 0 for never.
create table workresume_sheet (
	sheet text not null primary key,
	printing text not null, -- the pages printed together
	page bigint not null,
	about text not null,
	scope text not null,
	first_day text not null, -- 2006-01-02
	days bigint not null constraint workresume_sheet_days check (days > 0),
	account text not null,
	printed bigint not null,
	typed bigint not null
) FLAT;
create index workresume_sheet_printing on workresume_sheet (printing, page);
create index workresume_sheet_scope on workresume_sheet (scope, printing, page);

-- Who stands on which line of a sheet.
create table workresume_sheet_line (
	sheet text not null,
	line bigint not null,
	person text not null,
	primary key (sheet, line)
) FLAT;
create index workresume_sheet_line_person on workresume_sheet_line (person, sheet);

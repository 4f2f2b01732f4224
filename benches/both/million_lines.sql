-- A million ledger lines of one enterprise ($1), for benches/stats.rs and end2end/bench/stats.bench.ts. Statements end a line.
-- 500 books.
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499) INSERT INTO account_book
    (operator_code, book_no, in_force_id, valid_from, valid_to, currency, partner, country, life, version) SELECT $1, 'P'
    || (10000000000 + i), 'none', '2026-01-01', '2026-12-31', 'USD', 'Partner ' || (i % 40), 'VNM', 'active', 1 FROM n;
-- 20,000 entries of 50 items each: 40 of a book, half of them exports, nine months.
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999) INSERT INTO ledger_line
    (operator_code, entry_id, round, turn, item, book_no, deed, side, goods_seq, hs_code, qty, amount, own_amount,
    currency, entry_no, value_date, at) SELECT $1, 'entry-' || (i / 50), 1, 2, i % 50 + 1, 'P' || (10000000000 + i /
    2000), 'booked', CASE WHEN (i / 50) % 2 = 0 THEN 'exported' WHEN i % 2 = 0 THEN 'exempt' ELSE 'taxed' END, i % 20 + 1,
    '85423990' || (10 + i % 20), '1', '12.34', '12.34', 'USD', '', '2026-0' || ((i / 50) % 9 + 1) || '-15',
    '2026-11-01T00:00:00.000Z' FROM n;
-- What the ledger keeps beside its lines.
INSERT INTO ledger_month (operator_code, month, book_no, side, hs_code, cents, lines) SELECT operator_code,
    substr(value_date, 1, 7), book_no, side, hs_code, COUNT(*) * 1234, COUNT(*) FROM ledger_line GROUP BY 1, 2, 3, 4, 5;
-- And of each entry.
INSERT INTO ledger_entry (operator_code, entry_id, book_no, round, booked, entry_no, name, way, value_date, exported,
    exempt, taxed) SELECT operator_code, entry_id, book_no, 1, 1, '', entry_id, CASE WHEN MIN(side) = 'exported' THEN 'E'
    ELSE 'I' END, value_date, CASE WHEN MIN(side) = 'exported' THEN '617' ELSE '0' END, CASE WHEN MIN(side) = 'exported'
    THEN '0' ELSE '308.5' END, CASE WHEN MIN(side) = 'exported' THEN '0' ELSE '308.5' END FROM ledger_line GROUP BY
    operator_code, entry_id, book_no, value_date;

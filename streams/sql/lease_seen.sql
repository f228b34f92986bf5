-- Who has a lease, since when, and whether it has run out.
SELECT holder, token, taken_at, expires_at <= clock_timestamp() AS is_free
FROM ledger.lease
WHERE name = %(name)s

-- The leases of this process, as far as nobody else has taken them.
UPDATE ledger.lease AS held
SET expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
FROM unnest(%(names)s::text[], %(tokens)s::bigint[]) AS own (name, token)
WHERE held.name = own.name AND held.token = own.token
RETURNING held.token

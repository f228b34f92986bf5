-- The lease, if nobody has it, it has run out, or its holder is known to be gone.
INSERT INTO ledger.lease AS held (name, holder, token, taken_at, expires_at)
VALUES (
    %(name)s, %(holder)s, nextval('ledger.epoch'), clock_timestamp(),
    clock_timestamp() + make_interval(secs => %(seconds)s)
)
ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder, token = excluded.token, taken_at = excluded.taken_at, expires_at = excluded.expires_at
WHERE held.expires_at <= clock_timestamp() OR held.token = %(gone)s
RETURNING token

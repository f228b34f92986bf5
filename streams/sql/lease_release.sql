-- Let a lease go: whoever waits may have it at once.
UPDATE ledger.lease
SET expires_at = 'epoch'
WHERE name = %(name)s AND token = %(token)s

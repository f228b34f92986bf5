-- The runners of a race, as far as their splits go.
SELECT r.bib, r.name, r.status, r.marks, r.metres, r.milliseconds, c.metres AS race_metres
FROM marathon.runners AS r
JOIN marathon.races AS c USING (race_id)
WHERE r.race_id = %(race_id)s
ORDER BY r.bib

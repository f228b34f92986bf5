-- Records a second of the last run that was long enough to tell.
SELECT records / seconds FROM ledger.rebuild WHERE seconds > 1 AND records > 1000 ORDER BY finished_at DESC LIMIT 1

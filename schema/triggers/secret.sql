REVOKE @{rights} ON @{schema}.@{table} FROM @{role};
GRANT @{granted} ON @{schema}.@{table} TO @{role};

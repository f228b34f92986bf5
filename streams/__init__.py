"""Events become events: scores, what only a clock can know, and snapshots of boards."""

"""What is legal in the chess domain: ranges that all that is computed of a figure can bear."""

THINKING_SECONDS_MAX = 1_000_000
"""Of a time control: eleven days."""

ELO_MAX = 10_000.0
"""Of a rating, either way: ratings and errors of whatever lies between two anchors stay finite."""

RATIO_MAX = 1_000_000.0
GAMES_MAX = 500_000_000
"""Of one result in one task: wins, draws and losses together fit an integer."""

SCALE_MIN, SCALE_MAX = 0.001, 1000.0

BOUND_MAX, BOUND_NORMALIZED_MAX = 1000.0, 200.0
"""Of elo0 and elo1, either way; from 231 on the iteration for `normalized` has no beginning with pairs of games.

Tests in use lie within 10 (fishtest and fastchess: [0, 2], [-1.75, 0.25], [0, 5], [-10, 0])."""

ERROR_MIN, ERROR_MAX = 1e-9, 1 - 1e-9
"""Of alpha and beta."""

"""What is legal in the seismic domain: ranges that all that is computed of a figure can bear."""

FIGURE_MAX = 1e300
"""Of a figure of a metric, either way: means, intervals and differences of such figures are doubles, too."""

SECONDS_MAX = 1e9
"""Of the time that a model took for a trace: thirty years."""

HERTZ_MIN, HERTZ_MAX = 1e-9, 1e12
BYTES_MAX = 2**53 - 1
"""Of a file, exact in every language: nine petabytes."""

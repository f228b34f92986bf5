"""Podium: streams of predictions, scores and job updates turned into trustworthy tables and leaderboards."""

__version__ = "0.1.0"

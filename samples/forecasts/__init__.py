"""Hourly temperatures at three airports, and forecasters that compete on them, replayed on the time of the events."""

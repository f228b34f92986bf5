"""Rebuild from the log, prove equal, swap, go back: a step a file, in that order."""

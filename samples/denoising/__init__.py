"""Recorded ground motion, and filters that take noise off it."""

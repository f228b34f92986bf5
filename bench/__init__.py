"""Benchmarks: one file a question, each answered by ratios taken in one run."""

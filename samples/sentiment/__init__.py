"""Four sets of human-rated texts, and classifiers that label them."""

from samples.sentiment.corpus import Dataset, Row, load

__all__ = ["Dataset", "Row", "load"]

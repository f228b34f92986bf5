"""Real inputs with their licences, and the producers that publish them."""

ORDER = ("sentiment", "forecasts", "denoising", "duels", "engines")
"""Samples in the order in which they are shown; the first is what `podium demo` shows by itself."""

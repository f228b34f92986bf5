"""What is true: the domains, their events and tables, and the words they are declared in."""

from schema import chess, competition, evaluation, ledger, replays, seismic

LEDGER = ledger.DOMAIN
"""The machinery's own events and tables."""

DOMAINS = (evaluation.DOMAIN, competition.DOMAIN, replays.DOMAIN, seismic.DOMAIN, chess.DOMAIN)
"""The only list of domains."""

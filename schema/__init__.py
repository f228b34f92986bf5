"""What is true: the domains, their events and tables, and the words they are declared in."""

from schema import competition, evaluation, ledger

LEDGER = ledger.DOMAIN
"""The machinery's own events and tables."""

DOMAINS = (evaluation.DOMAIN, competition.DOMAIN)
"""The only list of domains."""

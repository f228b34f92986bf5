"""What is true: the domains, their events and tables, and the words they are declared in."""

from schema import evaluation, ledger

LEDGER = ledger.DOMAIN
"""The machinery's own events and tables."""

DOMAINS = (evaluation.DOMAIN,)
"""The only list of domains."""

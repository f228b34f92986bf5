"""The labels, and the thresholds by which a number becomes one."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Label = Literal["positive", "negative", "neutral"]
Answer = Literal["positive", "negative", "neutral", "unknown"]

LABELS: Final[tuple[Label, ...]] = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Thresholds:
    """At or above `high` is positive, at or below `low` is negative, between them is neutral."""

    low: Decimal
    high: Decimal

    def label(self, value: Decimal | float) -> Label:
        if value >= self.high:
            return "positive"
        return "negative" if value <= self.low else "neutral"


GOLD: Final = Thresholds(low=Decimal("-0.5"), high=Decimal("0.5"))
PREDICTED: Final = Thresholds(low=Decimal("-0.05"), high=Decimal("0.05"))

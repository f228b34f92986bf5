"""Whether everything that must move does: partitions, loops, transactions, boards, and one verdict over them."""

from podium.status.log import Log, Place
from podium.status.partitions import Position, judge
from podium.status.records import beside
from podium.status.whole import SAMPLE_SECONDS, Status, Watcher, look

__all__ = ["SAMPLE_SECONDS", "Log", "Place", "Position", "Status", "Watcher", "beside", "judge", "look"]

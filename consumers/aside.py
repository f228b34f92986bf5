"""Topics that are set aside: nothing is read or written of them, all others go on, and each is tried again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import structlog

from schema.heartbeat import Heartbeat, described

LOG = structlog.get_logger("consumers")

STEADY_SECONDS = 5.0
"""A topic that has been tried again for so long without a fault works, though nothing came."""


class TopicFault(Exception):
    """What is wrong with one topic, not with the others. `topic` names it, without a namespace."""

    def __init__(self, topic: str, why: str) -> None:
        super().__init__(why)
        self.topic = topic


@dataclass(slots=True)
class _Aside:
    tries: int = 0
    due: float = 0.0
    tried_at: float | None = None
    """When it was taken up again; None while it stands."""


class TopicsAside:
    """The topics that stand, with growing pauses from one try to the next."""

    def __init__(self, heartbeat: Heartbeat, seconds_min: float = 5.0, seconds_max: float = 60.0) -> None:
        self.heartbeat = heartbeat
        self.seconds_min = seconds_min
        self.seconds_max = seconds_max
        self._topics: dict[str, _Aside] = {}

    def __contains__(self, topic: object) -> bool:
        one = self._topics.get(topic) if isinstance(topic, str) else None
        return one is not None and one.tried_at is None

    def __iter__(self) -> Iterator[str]:
        return iter([topic for topic in list(self._topics) if topic in self])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def put(self, fault: TopicFault, now: float) -> None:
        """Set a topic aside, or leave it there; `now` is a monotonic clock, in seconds."""
        one = self._topics.setdefault(fault.topic, _Aside())
        pause = min(self.seconds_min * 2**one.tries, self.seconds_max)
        one.tries, one.due, one.tried_at = min(one.tries + 1, 32), now + pause, None
        subject = f"topic {fault.topic}"
        if (known := self.heartbeat.failures.get(subject)) and known.error != described(fault):
            self.heartbeat.recover(subject)
        self.heartbeat.confine(subject, fault)
        LOG.error("topic set aside", topic=fault.topic, why=str(fault), tried_again_in_seconds=round(pause))

    def due(self, now: float) -> list[str]:
        """Topics whose pause is over."""
        return [topic for topic in self if self._topics[topic].due <= now]

    def take_up(self, topic: str, now: float) -> None:
        """A topic is tried again."""
        self._topics[topic].tried_at = now

    def note(self, moved: Iterable[str], now: float) -> None:
        """Topics whose positions moved, and those in which nothing has gone wrong for a while, work again."""
        worked = set(moved)
        for topic, one in list(self._topics.items()):
            if one.tried_at is not None and (topic in worked or now - one.tried_at > STEADY_SECONDS):
                del self._topics[topic]
                self.heartbeat.recover(f"topic {topic}")
                LOG.info("topic works again", topic=topic)

"""What a topic must be for its log to be the truth: declared against found, as pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VOIDING = {
    "message.timestamp.type": ("LogAppendTime", "nobody can tell when a record came"),
    "cleanup.policy": ("delete", "records vanish from it"),
    "retention.ms": ("-1", "records vanish from it"),
    "retention.bytes": ("-1", "records vanish from it"),
}
"""Setting -> the value that it must have, and what is lost without."""


@dataclass(frozen=True)
class FoundTopic:
    """A topic as the broker describes it."""

    id: str
    partitions: int
    config: Mapping[str, str | None] = field(default_factory=dict)
    """Empty if the broker did not tell, for want of rights."""


def too_many(topic: str, declared: int, found: int) -> str:
    """What to do about a topic with another number of partitions than declared."""
    return (
        f"topic {topic} has {found} partitions, declared are {declared}: keys have moved, and the order of their "
        "records is lost. Kafka takes no partitions away: start a new generation of the topic with the declared "
        "number, copy its records there in order by their keys, and rebuild"
    )


def topic_fault(topic: str, declared: int, found: FoundTopic, known_id: str | None = None) -> str | None:
    """Why a topic is refused, with what to do; None if it is as declared. `known_id` is the id it had before."""
    if found.partitions != declared:
        return too_many(topic, declared, found.partitions)
    if known_id is not None and found.id != known_id:
        return (
            f"topic {topic} was deleted and made again: its id is {found.id}, it was {known_id}. Rebuild from the "
            "topics, or restore the old one"
        )
    for name, (value, why) in VOIDING.items():
        if found.config.get(name, value) != value:
            return (
                f"topic {topic} has {name}={found.config[name]}, it must be {value}: {why}. Run `podium topics apply`, "
                "and rebuild if records are missing"
            )
    return None

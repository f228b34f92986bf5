"""All that publishing one type of event needs, found once and used for every record."""

from __future__ import annotations

from hashlib import sha1
from operator import attrgetter
from typing import Any, Literal

import msgspec

from podium.settings import Kafka
from schema.declare import EventType
from schema.decode import Decoder
from schema.envelope import NAMESPACE, key_of, recurs, stem, uuid7

IdVersion = Literal["v5", "v7"]

encode = msgspec.json.Encoder(order="deterministic").encode
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class Kind:
    """All that publishing one type of event needs, found once."""

    def __init__(self, event: EventType, decoder: Decoder, kafka: Kafka, version: IdVersion) -> None:
        self.event = event
        self.topic = kafka.named(event.topic)
        self.envelope = decoder.structs[event.type]
        self.data: type[msgspec.Struct] = self.envelope.__annotations__["data"]
        self.key = key_of(event)
        self.subject_pattern = ":".join(["%s"] * len(event.key))
        self.natural = attrgetter(*event.key)
        self.alone = len(event.key) == 1
        self.prefix = NAMESPACE.bytes + stem(event.type)[0].encode()
        self.derives_id = version == "v5" and not recurs(event)
        # Free documents, times and foreign validators are for the decoder to look at.
        self.plain = decoder.plain(self.envelope)

    def id(self, natural: Any) -> str:
        """The id of an event as text, as `envelope.event_id` makes it."""
        if not self.derives_id:
            return str(uuid7())
        text = sha1(self.prefix + encode((natural,) if self.alone else natural)).hexdigest()
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"

"""All that publishing one type of event needs, found once and used for every record."""

from __future__ import annotations

from hashlib import sha1
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

import msgspec

from podium.settings import Kafka
from schema.admission import placing
from schema.declare import EventType
from schema.decode import Decoder, outside_utc
from schema.envelope import NAMESPACE, SUBJECT_CHARACTERS_MAX, key_of, recurs, stem, uuid7

IdVersion = Literal["v5", "v7"]

encode = msgspec.json.Encoder(order="deterministic").encode
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class Kind:
    """All that publishing one type of event needs, found once."""

    def __init__(self, event: EventType, partitions: int, decoder: Decoder, kafka: Kafka, version: IdVersion) -> None:
        self.event = event
        self.place = placing(partitions)
        self.topic = kafka.named(event.topic)
        self.envelope = decoder.structs[event.type]
        self._data: type[msgspec.Struct] = self.envelope.__annotations__["data"]
        self.key = key_of(event)
        self._pattern = ":".join(["%s"] * len(event.key))
        self.natural = attrgetter(*event.key)
        self._alone = len(event.key) == 1
        self._prefix = NAMESPACE.bytes + stem(event.type)[0].encode()
        self._derives_id = version == "v5" and not recurs(event)
        self._timed = decoder.timed(self.envelope)

    def read(self, data: Any) -> Any:
        """The struct of data given as values of Python; None if pydantic should look at them."""
        if self._timed is None:
            return None
        try:
            read = msgspec.convert(data, self._data)
        except (msgspec.ValidationError, TypeError):
            return None
        for name in self._timed:
            if outside_utc(getattr(read, name)):
                return None
        return read

    def subject(self, natural: Any) -> str | None:
        """The subject of an event, as `envelope.subject` makes it, of the values of its natural key."""
        if type(natural) is UUID:
            return encode(natural)[1:-1].decode()  # several times faster than str()
        return (self._pattern % natural)[:SUBJECT_CHARACTERS_MAX] or None

    def id(self, natural: Any) -> str:
        """The id of an event as text, as `envelope.event_id` makes it, of the values of its natural key."""
        if not self._derives_id:
            return str(uuid7())
        text = sha1(self._prefix + encode((natural,) if self._alone else natural)).hexdigest()
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"

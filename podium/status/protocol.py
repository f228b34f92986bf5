"""Two requests of Kafka's protocol that confluent-kafka does not send: who produces where, and which transactions are.

Field by field as in Kafka's DescribeProducersRequest.json and ListTransactionsRequest.json, version 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Int64, Schema, TaggedFields

NAME = CompactString("utf-8")


class DescribeProducersResponse(Response):  # type: ignore[misc]
    """Of every partition, the producers that its leader remembers."""

    API_KEY = 61
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("name", NAME),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("error_message", NAME),
                        (
                            "producers",
                            CompactArray(
                                ("producer_id", Int64),
                                ("producer_epoch", Int32),
                                ("last_sequence", Int32),
                                ("last_timestamp", Int64),
                                ("coordinator_epoch", Int32),
                                ("start", Int64),
                                ("tags", TaggedFields),
                            ),
                        ),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class DescribeProducersVersion0(RequestStruct):  # type: ignore[misc]
    """Asks the leader of some partitions."""

    FLEXIBLE_VERSION = True
    API_KEY = 61
    API_VERSION = 0
    RESPONSE_TYPE = DescribeProducersResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("name", NAME), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)),
        ),
        ("tags", TaggedFields),
    )


class DescribeProducers(Request[DescribeProducersVersion0]):  # type: ignore[misc]
    """DescribeProducers of these partitions."""

    API_KEY = 61

    def __init__(self, places: Iterable[tuple[str, int]]) -> None:
        self.topics: dict[str, list[int]] = {}
        for topic, partition in places:
            self.topics.setdefault(topic, []).append(partition)

    def build(self, request_struct_class: type[DescribeProducersVersion0]) -> DescribeProducersVersion0:
        """The request in a version."""
        return request_struct_class([(topic, partitions, {}) for topic, partitions in self.topics.items()], {})


class ListTransactionsResponse(Response):  # type: ignore[misc]
    """The transactions that a broker coordinates, as far as the client may see them."""

    API_KEY = 66
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("unknown_filters", CompactArray(NAME)),
        (
            "transactions",
            CompactArray(("transactional_id", NAME), ("producer_id", Int64), ("state", NAME), ("tags", TaggedFields)),
        ),
        ("tags", TaggedFields),
    )


class ListTransactionsVersion0(RequestStruct):  # type: ignore[misc]
    """Asks one broker."""

    FLEXIBLE_VERSION = True
    API_KEY = 66
    API_VERSION = 0
    RESPONSE_TYPE = ListTransactionsResponse
    SCHEMA = Schema(("states", CompactArray(NAME)), ("producer_ids", CompactArray(Int64)), ("tags", TaggedFields))


class ListTransactions(Request[ListTransactionsVersion0]):  # type: ignore[misc]
    """ListTransactions of any state and producer."""

    API_KEY = 66

    def build(self, request_struct_class: type[ListTransactionsVersion0]) -> ListTransactionsVersion0:
        """The request in a version."""
        return request_struct_class([], [], {})


async def describe_producers(
    connection: Any, places: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], list[tuple[int, int]]]:
    """Of each partition led there: producer ids, each with the offset where its open transaction begins, or -1."""
    answer = await connection.send(DescribeProducers(places))
    return {
        (topic, partition): [(one[0], one[5]) for one in producers or ()]
        for topic, partitions, _ in answer.topics
        for partition, _error, _message, producers, _ in partitions
    }


async def list_transactions(connection: Any) -> dict[int, str]:
    """Transactional ids by producer id."""
    answer = await connection.send(ListTransactions())
    return {producer: name for name, producer, _state, _ in answer.transactions or ()}

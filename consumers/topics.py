"""Looks at the topics in the background: whether each still is the one that was declared, and that we began with."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Mapping
from threading import Event, Lock, Thread
from typing import Any

import structlog
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from consumers.aside import TopicFault
from consumers.properties import CLIENT_LOG
from schema.outage import Outage
from schema.topics import VOIDING, FoundTopic, topic_fault

LOG = structlog.get_logger("consumers")

EVERY_SECONDS = 10.0
REQUEST_SECONDS_MAX = 10.0


class TopicRefused(TopicFault):
    """A topic is not as declared: what is read of it could not be proven."""


class TopicWatch:
    """What the broker says of some topics, asked every EVERY_SECONDS by a thread of its own, or at once by `ask`.

    `declared` are partitions by topic, without the namespace. Results are replaced as a whole: other threads may read
    them at any time.
    """

    def __init__(self, kafka: Mapping[str, Any], namespace: str, declared: Mapping[str, int]) -> None:
        self.found: Mapping[str, FoundTopic] = {}
        self.refused: Mapping[str, str] = {}
        """Topic -> what is wrong, and what to do."""
        self.asked_at = 0.0
        """Monotonic time at which the last question that was answered was put."""
        self.request_seconds = REQUEST_SECONDS_MAX
        self._kafka = {name: value for name, value in kafka.items() if not name.startswith("group")}
        self._namespace = namespace
        self._declared = dict(declared)
        self._known: dict[str, str] = {}
        self._admin: AdminClient | None = None
        self._lock = Lock()
        self._hurry = Event()
        self._ending = Event()
        self._thread: Thread | None = None
        self._outage = Outage("the broker, asked for its topics,", LOG.warning, LOG.info)

    def start(self) -> None:
        """Ask from now on."""
        self._thread = Thread(target=self._keep, name="topics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; does not wait for an answer that is under way."""
        self._ending.set()
        self._hurry.set()

    def hurry(self) -> None:
        """Ask at once."""
        self._hurry.set()

    def _keep(self) -> None:
        while not self._ending.is_set():
            try:
                self.ask()
                self._outage.over("topics")
            except Exception as error:
                self._outage.failed("topics", error)
            self._hurry.wait(EVERY_SECONDS)
            self._hurry.clear()
        self._admin = None

    def ask(self) -> None:
        """Ask once. Raises KafkaException."""
        with self._lock:
            began = time.monotonic()
            try:
                found = self._described()
            except Exception:
                # A client that has lost its broker may never find it again; it goes now, with its threads.
                self._admin = None
                gc.collect()
                raise
            refused = {}
            for topic, one in found.items():
                known = self._known.setdefault(topic, one.id)
                if why := topic_fault(topic, self._declared[topic], one, known):
                    refused[topic] = why
            self.found, self.refused, self.asked_at = found, refused, began

    def _described(self) -> dict[str, FoundTopic]:
        """The topics that are there."""
        if self._admin is None:
            self._admin = AdminClient(self._kafka, logger=CLIENT_LOG)
        skip, named = len(self._namespace), [self._namespace + topic for topic in self._declared]
        futures = self._admin.describe_topics(TopicCollection(named), request_timeout=self.request_seconds)
        described = {}
        for name, future in futures.items():
            try:
                described[name] = future.result(self.request_seconds + 5)
            except KafkaException as error:
                if error.args[0].retriable() or error.args[0].name().startswith("_"):
                    raise
        configs = self._configs(described)
        return {
            name[skip:]: FoundTopic(str(one.topic_id), len(one.partitions), configs.get(name, {}))
            for name, one in described.items()
        }

    def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str | None]]:
        """Those settings of topics that void the log if they are wrong; of those that we may not ask for, none."""
        assert self._admin is not None
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        found: dict[str, dict[str, str | None]] = {}
        for resource, future in self._admin.describe_configs(resources, request_timeout=self.request_seconds).items():
            try:
                entries = future.result(self.request_seconds + 5)
            except KafkaException as error:
                if error.args[0].retriable() or error.args[0].name().startswith("_"):
                    raise
                continue
            found[resource.name] = {name: entries[name].value for name in VOIDING if name in entries}
        return found

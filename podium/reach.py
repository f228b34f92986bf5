"""Whether Kafka and PostgreSQL answer, in seconds, and if not why: with the host that is meant, without a secret."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from podium import session
from podium.errors import Problem
from podium.settings import Kafka, Settings
from schema.session import REACH

SECONDS_MAX = 5
LOG = logging.getLogger("podium.reach")
LOG.addHandler(logging.NullHandler())
LOG.propagate = False


class BrokerAway(Problem):
    """The broker does not answer; nothing was published."""

    code = "PD051"
    exit_code = 3


PASSING = (KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT)
"""What librdkafka says when it does not say why."""


def both(settings: Settings) -> dict[str, str]:
    """Why a service does not answer, by name; empty where it does. `settings` hold concrete addresses."""
    with ThreadPoolExecutor(2) as pool:
        broker, server = pool.submit(kafka, settings.kafka), pool.submit(postgres, settings.postgres.dsn("stream"))
        return {"kafka": broker.result(), "postgres": server.result()}


def kafka(settings: Kafka, seconds_max: float = SECONDS_MAX) -> str:
    """Why the broker does not answer; empty if it does."""
    told: list[KafkaError] = []
    configuration: dict[str, Any] = {**settings.client(), "error_cb": told.append}
    client = AdminClient(configuration, logger=LOG)
    try:
        client.list_topics(timeout=seconds_max)
    except KafkaException as failure:
        return because(settings, failure.args[0], told)
    return ""


def because(settings: Kafka, error: KafkaError, told: list[KafkaError]) -> str:
    """The most telling of the errors of a client, with the addresses that it was given."""
    telling = [one for one in told if one.code() not in PASSING] or [one for one in told if one.str()]
    text = telling[0].str() if telling else error.str()
    text = re.sub(r"^\S+?(?:/\w+)?: (?=\S)", "", text) if "://" in text else text
    return text if settings.bootstrap in text else f"{text} (kafka.bootstrap is {settings.bootstrap})"


def postgres(dsn: str, seconds_max: int = SECONDS_MAX) -> str:
    """Why the server does not answer or does not let the role in; empty if it does."""
    try:
        with session.connect(dsn, REACH._replace(connect_seconds=seconds_max)):
            return ""
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())

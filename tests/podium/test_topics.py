"""Topics: created as declared, and every difference named."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from podium import topics
from podium.settings import Kafka, Settings
from schema import LEDGER
from schema.contract import TOPIC_CONFIG
from tests.podium.log import until
from tests.schema import sampler

DOMAINS = (sampler.DOMAIN,)


def declared(settings: Settings) -> tuple[topics.Topic, ...]:
    return topics.wanted(DOMAINS, settings.kafka)


def test_each_input_has_a_topic_of_dead_letters_and_the_ledger_is_among_them() -> None:
    kafka = Kafka(namespace="mine.")
    names = {topic.name: topic for topic in topics.wanted(DOMAINS, kafka)}
    assert set(names) == {f"mine.{name}{end}" for name in (*LEDGER.topics, "sampler.catalog") for end in ("", ".dead")}
    assert names["mine.podium.ids"].partitions == 1
    assert names["mine.sampler.catalog"].partitions == 4
    assert names["mine.sampler.catalog"].config["message.timestamp.type"] == "LogAppendTime"
    assert names["mine.sampler.catalog.dead"].config["message.timestamp.type"] == "CreateTime"


def test_apply_creates_and_is_idempotent(broker: Settings) -> None:
    wanted = declared(broker)
    before = topics.verify(broker.kafka, wanted)
    assert {each.topic for each in before} == {topic.name for topic in wanted}
    assert {each.found for each in before} == {"missing"}
    assert len(topics.apply(broker.kafka, wanted)) == len(wanted)
    assert topics.verify(broker.kafka, wanted) == []
    assert topics.apply(broker.kafka, wanted) == []


def test_each_difference_is_named_and_mended(broker: Settings) -> None:
    wanted = declared(broker)
    topics.apply(broker.kafka, wanted)
    changed = wanted[0].name
    entries = [
        ConfigEntry("retention.ms", "1000000", incremental_operation=AlterConfigOpType.SET),
        ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET),
    ]
    resource = ConfigResource(ResourceType.TOPIC, changed, incremental_configs=entries)
    admin = AdminClient({**broker.kafka.client(), "log_level": 0})
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()
    found = {(each.topic, each.what): (each.declared, each.found) for each in topics.verify(broker.kafka, wanted)}
    assert found == {
        (changed, "retention.ms"): ("-1", "1000000"),
        (changed, "cleanup.policy"): ("delete", "compact"),
    }
    assert [change.topic for change in topics.apply(broker.kafka, wanted)] == [changed, changed]
    assert topics.verify(broker.kafka, wanted) == []


def test_other_partition_counts_are_named_and_never_changed(broker: Settings) -> None:
    name = broker.kafka.named("sampler.catalog")
    admin = AdminClient({**broker.kafka.client(), "log_level": 0})
    admin.create_topics([NewTopic(name, 2, config=dict(TOPIC_CONFIG))])[name].result()
    until(lambda: name in admin.list_topics(timeout=10).topics)
    wanted = [topic for topic in declared(broker) if topic.name == name]
    assert [(each.what, each.declared, each.found) for each in topics.verify(broker.kafka, wanted)] == [
        ("partitions", "4", "2")
    ]
    with pytest.raises(
        topics.PartitionsDiffer, match=r"has 2 partitions, declared are 4.*new generation.*rebuild"
    ) as refused:
        topics.apply(broker.kafka, declared(broker))
    assert len(admin.list_topics(name).topics[name].partitions) == 2
    others = {topic.name for topic in declared(broker)} - {name}
    assert {change.topic for change in refused.value.changes} == others <= set(admin.list_topics().topics)


def test_replicas_are_compared_where_they_are_declared(broker: Settings) -> None:
    assert topics.apply(broker.kafka, declared(broker))
    name = declared(broker)[0].name
    asked = broker.model_copy(update={"kafka": broker.kafka.model_copy(update={"replicas": 3, "in_sync_min": 2})})
    found = [each for each in topics.verify(asked.kafka, declared(asked)) if each.topic == name]
    assert [(each.what, each.declared, each.found) for each in found] == [
        ("replicas", "3", "1"),
        ("min.insync.replicas", "2", "1"),
    ]


def test_a_log_that_lost_its_beginning_is_named(broker: Settings) -> None:
    wanted = declared(broker)
    topics.apply(broker.kafka, wanted)
    name = broker.kafka.named("podium.ids")
    producer = Producer({**broker.kafka.client(), "log_level": 0})
    for _ in range(3):
        producer.produce(name, b"x", b"k")
    assert producer.flush(10) == 0
    admin = AdminClient({**broker.kafka.client(), "log_level": 0})
    for future in admin.delete_records([TopicPartition(name, 0, 2)]).values():
        future.result()
    found = topics.verify(broker.kafka, wanted)
    assert [(each.topic, each.what, each.found) for each in found] == [(name, "log start of partition 0", "2")]


def test_unknown_domains_are_refused(broker: Settings) -> None:
    with pytest.raises(topics.UnknownDomain, match="nowhere"):
        topics.domains(broker.model_copy(update={"domains": ("nowhere",)}))


def test_inputs_keep_for_ever() -> None:
    for topic in topics.wanted(DOMAINS, Kafka()):
        assert topic.config["retention.ms"] == topic.config["retention.bytes"] == "-1"
        assert topic.config["cleanup.policy"] == "delete"

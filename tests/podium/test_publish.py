"""podium publish, topics and schema, as typed into a shell."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from podium import topics
from podium.settings import Settings
from schema import DOMAINS
from schema.contract import example
from schema.envelope import VALUE_BYTES_MAX
from tests.podium.command import forked
from tests.podium.log import events, size

PROMPT = DOMAINS[0].by_type["evaluation.prompt.registered.v1"]


@pytest.fixture
def log(broker: Settings) -> Settings:
    """A broker with all topics."""
    topics.apply(broker.kafka, topics.wanted(DOMAINS, broker.kafka))
    return broker


def podium(
    settings: Settings, *arguments: str, stdin: str | bytes = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "PODIUM_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
        "PODIUM_KAFKA__NAMESPACE": settings.kafka.namespace,
        "PODIUM_POSTGRES__URL": settings.postgres.dsn() or "postgresql://127.0.0.1:9/none",
    }
    given = stdin.encode() if isinstance(stdin, str) else stdin
    return forked(arguments, environment, given, cwd)


def line(**values: Any) -> str:
    return json.dumps({"type": PROMPT.type, "data": {"prompt_id": 1, "text": "t"}, **values}) + "\n"


GOOD = json.dumps(example(PROMPT)) + "\n" + line() + "\n" + line(data={"prompt_id": 2, "text": "u"})
BAD = line(data={"prompt_id": 0, "text": "t"}) + "{\n" + line(type="no.such.thing.v1") + line(mood="fine")


def test_whole_and_brief_lines_are_published(log: Settings) -> None:
    done = podium(log, "publish", "-", "--json", stdin=GOOD)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {name: report[name] for name in ("good", "bad", "published")} == {"good": 3, "bad": 0, "published": 3}
    found = events(log, DOMAINS, PROMPT.topic, 3)
    assert sorted(event.data.prompt_id for event in found) == [1, 2, 7]
    assert {event.source for event in found} == {"podium/examples", "podium publish"}
    assert len({event.id for event in found}) == 3
    assert {event.subject for event in found} == {"1", "2", "7"}


def test_bad_lines_are_told_with_number_and_reason_and_the_rest_is_published(log: Settings, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(GOOD + BAD)
    done = podium(log, "publish", str(file), "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["good"], report["bad"], report["published"]) == (3, 4, 3)
    assert [(bad["line"], bad["reason"]) for bad in report["bad_lines"]] == [
        (5, "out-of-range"),
        (6, "not-json"),
        (7, "unknown-type"),
        (8, "extra-field"),
    ]
    assert size(log, PROMPT.topic) == 3
    told = podium(log, "publish", str(file)).stderr.decode()
    assert f"{file}:5: out-of-range: data.prompt_id" in told.replace("\n", "")
    assert "3 good, 4 bad, 3 published" in told


@pytest.mark.parametrize("name", ["-", "file"])
def test_strict_publishes_nothing_of_a_file_with_a_bad_line(log: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text(GOOD + BAD)
    done = podium(log, "publish", name, "--strict", "--json", stdin=GOOD + BAD, cwd=tmp_path)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["good"], report["bad"], report["published"]) == (3, 4, 0)
    assert size(log, PROMPT.topic) == 0
    (tmp_path / "file").write_text(GOOD)
    done = podium(log, "publish", name, "--strict", "--json", stdin=GOOD, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["published"]) == (0, 3)
    assert size(log, PROMPT.topic) == 3


def test_odd_bytes_are_bad_lines_not_crashes(log: Settings) -> None:
    lines = [b"\xff", b"\xef\xbb\xbf{}", b"[]", b"5", b'"x"', b'{"type":5}', b'{"type":"\\ud800"}']
    lines += [b'{"a":"' + b"x" * (3 * VALUE_BYTES_MAX) + b'"}', line(id="x").encode().strip()]
    lines += [line(time="2026-03-01T10:00:00").encode().strip()]
    done = podium(log, "publish", "-", "--json", stdin=b"\r\n".join(lines) + b"\n" + line().encode())
    report = json.loads(done.stdout)
    assert (done.returncode, report["bad"], report["published"]) == (1, len(lines), 1)
    reasons = [bad["reason"] for bad in report["bad_lines"]]
    assert reasons[0] == "not-utf8"
    assert reasons[-3:] == ["too-large", "envelope", "naive-time"]


def test_a_file_that_is_not_there_is_a_usage_error(log: Settings) -> None:
    done = podium(log, "publish", "nowhere.jsonl")
    assert done.returncode == 2
    assert b"nowhere.jsonl: no such file" in done.stderr


def test_topics_are_applied_and_verified_from_the_command_line(broker: Settings) -> None:
    missing = podium(broker, "topics", "verify", "--json")
    assert missing.returncode == 1
    report = json.loads(missing.stdout)
    assert len(report["differences"]) == report["topics"]
    assert podium(broker, "topics", "apply", "--json").returncode == 0
    verified = podium(broker, "topics", "verify", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["differences"]) == (0, [])
    assert json.loads(podium(broker, "topics", "apply", "--json").stdout) == []


def test_the_contract_is_listed_shown_and_exported(broker: Settings, tmp_path: Path) -> None:
    listed = json.loads(podium(broker, "schema", "list", "--json").stdout)
    types = [row["type"] for row in listed]
    assert PROMPT.type in types
    shown = json.loads(podium(broker, "schema", "show", PROMPT.type, "--json").stdout)
    assert shown["schema"]["properties"]["type"]["const"] == PROMPT.type
    assert b"prompt_id" in podium(broker, "schema", "show", PROMPT.type).stdout
    wrong = podium(broker, "schema", "show", PROMPT.type[:-1] + "9")
    assert (wrong.returncode, b"Did you mean" in wrong.stderr) == (2, True)
    assert podium(broker, "schema", "export", "--out", str(tmp_path)).returncode == 0
    assert {path.stem for path in tmp_path.glob("*.json")} == set(types)
    document = json.loads(podium(broker, "schema", "export", "--format", "asyncapi").stdout)
    assert document["channels"][PROMPT.topic]["address"] == broker.kafka.namespace + PROMPT.topic


def test_a_file_as_other_programs_write_it_is_read_to_its_end(log: Settings, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    good = [line(data={"prompt_id": number, "text": "t\u2028u"}).strip().encode() for number in range(1, 6)]
    deep = b'{"type": "evaluation.prompt.registered.v1", "data": ' + b"[" * 100_000
    long = b'{"type": "' + b"x" * 5_000_000
    mark = b"\xef\xbb\xbf"
    file.write_bytes(
        mark + good[0] + b"\r\n" + good[1] + b"\r" + deep + b"\n" + long + b"\n\n"
        + good[2] + b"\r\n\r\n" + b"\xff\xfe{\n" + mark + good[3] + b"\n" + b"[]\n" + good[4]
    )  # fmt: skip
    done = podium(log, "publish", str(file), "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert (report["good"], report["bad"], report["published"]) == (5, 4, 5)
    told = {bad["line"]: bad["reason"] for bad in report["bad_lines"]}
    assert told[4] == "too-large"
    assert sorted(told) == [3, 4, 8, 10]
    assert told[8] == "not-utf8"
    assert size(log, PROMPT.topic) == 5
    again = podium(log, "publish", "-", "--json", stdin=file.read_bytes())
    assert json.loads(again.stdout)["bad_lines"] == report["bad_lines"]


def test_checking_publishes_nothing_and_asks_for_no_broker(log: Settings, tmp_path: Path) -> None:
    future = line(time="2036-01-01T00:00:00Z")
    nowhere = {name: value for name, value in os.environ.items() if not name.startswith("PODIUM_")}
    done = forked(["publish", "-", "--check", "--json"], nowhere, (GOOD + future).encode(), tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["good"], report["bad"], report["published"]) == (1, 3, 1, 0)
    assert report["bad_lines"][0]["reason"] == "future-time"
    assert done.stderr == b""
    assert size(log, PROMPT.topic) == 0


def test_a_host_that_nobody_knows_is_named_at_once(log: Settings) -> None:
    kafka = log.kafka.model_copy(update={"bootstrap": "no-such-host.invalid:9092"})
    done = podium(log.model_copy(update={"kafka": kafka}), "publish", "-", stdin=GOOD)
    assert done.returncode == 3
    told = done.stderr.decode()
    assert "no-such-host.invalid:9092" in told
    assert "PD051" in told
    assert "%3|" not in told


def test_a_misspelt_type_or_kind_is_told_what_was_meant(log: Settings) -> None:
    from podium import Producer
    from podium.client import NotDeclared
    from podium.ids import UnknownKind

    with Producer(log, source="tests") as producer:
        with pytest.raises(NotDeclared, match=r"Did you mean evaluation\.prompt\.registered\.v1"):
            producer.publish("evaluation.promt.registered.v1", {})
        with pytest.raises(UnknownKind, match="such as"):
            producer.ids("nope")
        with pytest.raises(UnknownKind, match=r"Did you mean evaluation\.row"):
            producer.ids("evaluation.rows")

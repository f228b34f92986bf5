"""The contract in other hands: JSON Schema judges as Podium does, and the vectors suffice for another language."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import playwright

from schema import DOMAINS, LEDGER, contract
from schema.corpus import Document, corpus
from schema.declare import EventType
from schema.decode import decoders
from schema.refusal import Refused
from schema.stated import BEYOND
from schema.vectors import vectors
from tests.schema import sampler

ALL = (*DOMAINS, LEDGER, sampler.DOMAIN)
BY_TOPIC = decoders(ALL)
SCHEMAS = contract.json_schemas(ALL)
HERE = Path(__file__).parent
NODE = Path(playwright.__file__).parent / "driver" / "node"
"""Comes with playwright, so that nobody needs one of the system."""
VENDOR = HERE / "vendor"
CLEAR = {"surrogate": "surrogate", "not-json": "depth", "not-normalised": "nfc", "nul": "document", "too-large": "size"}

Judged = tuple[EventType, Document, Refused | None]


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    """As ECMA-262 reads it: the end is the end, also after a newline."""
    if isinstance(instance, str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator: Any = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})


@cache
def judged() -> list[Judged]:
    """Every record of the corpus with Podium's refusal of it."""
    return [(event, document, _refused(event, document)) for event, document in corpus(ALL)]


def _refused(event: EventType, document: Document) -> Refused | None:
    try:
        BY_TOPIC[event.topic].decode(document.text.encode())
    except Refused as refused:
        return refused
    return None


def rule_of(document: Document, refused: Refused) -> str:
    """The rule that a record breaks, of those that JSON Schema has no word for."""
    if refused.reason in CLEAR:
        return CLEAR[refused.reason]
    said = refused.message
    if "valid integer" in said or "Input should be 1" in said or re.search(r"value -?[\d.]+(e\d+)?$", document.name):
        return "eight-byte" if re.search(r"\d{16}", document.name) else "integer"
    return next((rule for word, rule in WORDS.items() if word in said), f"own:{said}")


WORDS = {
    "NFC": "nfc", "RFC 3339": "calendar", "years": "calendar", "finite": "document", "9223372036854775": "eight-byte",
}  # fmt: skip


def disagreements(verdicts: list[bool]) -> list[str]:
    """What a validator judged otherwise, but for rules that the schema itself lists as beyond it."""
    found = []
    for (event, document, refused), good in zip(judged(), verdicts, strict=True):
        listed = {each["rule"] for each in SCHEMAS[event.type]["x-podium"]["beyond"]}
        own = any(rule.startswith("own:") for rule in listed)
        if good and refused and (rule_of(document, refused) in listed or own):
            continue
        if good != (refused is None):
            found.append(f"{event.type} {document.path} {document.name}: {good}, but {refused}")
    return found


def test_a_validator_of_json_schema_judges_as_podium_does() -> None:
    verdicts = []
    made = {type_: Validator(schema) for type_, schema in SCHEMAS.items()}
    for event, document, _ in judged():
        try:
            verdicts.append(made[event.type].is_valid(json.loads(document.text, parse_constant=_refuse)))
        except (ValueError, RecursionError):
            verdicts.append(False)
    assert not (found := disagreements(verdicts)), found
    assert sum(verdicts) > 300
    assert verdicts.count(False) > 500


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def test_ajv_judges_as_podium_does(tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    texts = [[event.type, document.text] for event, document, _ in judged()]
    asked.write_text(json.dumps({"schemas": SCHEMAS, "records": texts}), encoding="utf-8")
    told = run(HERE / "ajv.cjs", asked)
    assert not (found := disagreements(json.loads(told))), found


def test_ajv_is_what_the_lock_says_with_its_licences_beside_it() -> None:
    lines = (VENDOR / "vendor.lock").read_text().splitlines()
    locked = {name: digest for digest, name in (line.split() for line in lines if not line.startswith("#"))}
    assert locked.keys() == {path.name for path in VENDOR.iterdir()} - {"vendor.lock"}
    assert "ajv.LICENSE.txt" in locked
    for name, digest in locked.items():
        assert sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def run(script: Path, argument: Path) -> str:
    command = [str(NODE), str(script), str(argument)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_schemas_name_place_and_rules() -> None:
    placed = SCHEMAS["evaluation.prediction.recorded.v1"]["x-podium"]
    assert (placed["topic"], placed["partitions"]) == ("evaluation.predictions", 4)
    assert placed["record_key"] == "{model_id}:{prompt_id}:{dataset_id}"
    for schema in SCHEMAS.values():
        rules = [each["rule"] for each in schema["x-podium"]["beyond"]]
        assert len(set(rules)) == len(rules)
        assert all(rule in BEYOND or rule.startswith("own:") for rule in rules)
        jsonschema.Draft202012Validator.check_schema(schema)


def test_vectors_are_what_podium_does() -> None:
    made = vectors(ALL)
    assert json.loads(json.dumps(made)) == made
    types = {event.type for domain in ALL for event in domain.events if event.upcast is None}
    assert {each["type"] for each in made["events"]} == types
    assert {each["verdict"] for each in made["records"]} >= {
        "good", "missing-field", "extra-field", "wrong-type", "out-of-range", "not-normalised", "naive-time", "nul",
        "surrogate", "envelope", "not-json",
    }  # fmt: skip
    # By the Java client, as its own tests and those of librdkafka state them.
    known = {"": 275646681, "21": -973932308, "abc": 479470107}
    hashes = {each["key"]: each["murmur2"] for each in made["partitions"]}
    assert {key: (hashes[key] ^ 1 << 31) - (1 << 31) for key in known} == known


def test_a_client_in_plain_javascript_proves_itself_by_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(vectors(ALL)), encoding="utf-8")
    told = json.loads(run(HERE / "vectors.cjs", path))
    assert told["wrong"] == []
    assert told["partitions"] > 100
    assert told["ids"] > 50
    assert told["placed"] > 100

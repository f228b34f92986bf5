"""Records that might be events: valid ones, and ones bent in every way that a producer finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from schema.declare import EventType

ODD_VALUES = (
    *(
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "2",
        "3",
        "1.0",
        "-0.0",
        "0.5",
        "1e0",
        "1e3",
        "1E400",
        "-1e400",
    ),
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "2147483647",
        "2147483648",
        "-2147483649",
    ),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "1" + "0" * 40, "1" + "0" * 5000),
    *(
        "1e-400",
        "5e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "9007199254740993",
        "4.35",
        "1e15",
    ),
    *(
        '""',
        '"a"',
        '"1"',
        '"1.0"',
        '"true"',
        '"null"',
        '"success"',
        '"timeout"',
        '"yes"',
        '"00ff"',
        '"00ff\\n"',
    ),
    *(
        '"\\u0000"',
        '"a\\u0000b"',
        '"\\\\u0000"',
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\ud83d\\ude00"',
        '"\\u00e9"',
    ),
    *(
        '"\x00"',
        '"\n"',
        '"\t"',
        '"\x7f"',
        '"é"',
        '"\u2028"',
        '"\\x41"',
        '"' + "x" * 255 + '"',
        '"' + "é" * 256 + '"',
    ),
    *("[]", "[1]", "[1,2,3,4,5]", '["a",1]', '["a",1,2]', "[null]", "{}", '{"a":1}', '{"a":{"a":1,"a":2}}'),
    *(
        '{"a":NaN}',
        '{"a":1e400}',
        '{"a":"\\u0000"}',
        '{"\\u0000":1}',
        '{"a":"\\ud800"}',
        '{"x":0.5}',
        '{"x":1}',
    ),
    *("[" * 90 + "]" * 90, "[" * 250 + "]" * 250, '{"a":' + "[" * 250 + "]" * 250 + "}"),
    *('{"a":' * 180 + "1" + "}" * 180, '{"a":' + "[" * 100000),
    *('"e\\u0301"', '"e\u0301"', '"\u212bngstrom"', '"\u1e9b\u0323"', '"\u0301"', '"\\u00e9\u0301"', '"\ufeffa"'),
    *(
        '"ana@x.org"',
        '"Ana@X.org"',
        '" ana@x.org"',
        '"ana@x.org\\n"',
        '"\u212a@x.org"',
        '"@x.org"',
        '"a@b@c"',
        '"a b@c"',
    ),
    *(
        '"9007199254740993"',
        '"9223372036854775807"',
        '"9223372036854775808"',
        '"01"',
        '"1e3"',
        '" 1"',
        '"-1"',
        '"\u0661"',
    ),
    *("1e100", "1.0000000000000002e100", "-1e101", "1e9", "1000000000.0000001"),
    *('"0192f0c1-2345-7abc-8def-0123456789ab"', '"0192F0C123457ABC8DEF0123456789AB"'),
    *('"urn:uuid:0192f0c1-2345-7abc-8def-0123456789ab"', '"{0192f0c1-2345-7abc-8def-0123456789ab}"'),
    *('"0192f0c1-2345-7abc-8def-0123456789a"', '"0192f0c12345-7abc-8def-0123456789ab"', '"0192f0c1-2345"'),
)
"""JSON values, and what only looks like one, as they would stand in a record."""

ODD_TIMES = (
    *("2026-03-01T10:00:00Z", "2026-03-01 10:00:00Z", "2026-03-01t10:00:00z", "2026-03-01_10:00:00Z"),
    *("2026-03-01T10:00:00", "2026-03-01", "2026-03-01T10:00Z", "2026-03-01T10Z", "20260301T100000Z"),
    *("2026-03-01T10:00:00.1Z", "2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.9999995Z"),
    *("2026-03-01T23:59:59.9999999Z", "2026-03-01T10:00:00,5Z", "2026-03-01T10:00:00.Z"),
    *("2026-03-01T10:00:60Z", "2026-12-31T23:59:60Z", "2026-03-01T24:00:00Z", "2026-02-29T00:00:00Z"),
    *(
        "2026-03-01T10:00:00+02:00",
        "2026-03-01T10:00:00+0200",
        "2026-03-01T10:00:00+02",
        "2026-03-01T10:00:00-00:00",
    ),
    *("2026-03-01T10:00:00+23:59", "2026-03-01T10:00:00+24:00", "2026-03-01T10:00:00-14:60"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59.999999Z"),
    *(
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-05:00",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
    ),
    *("2026-03-01T10:00:00 Z", " 2026-03-01T10:00:00Z", "2026-03-01T10:00:00−02:00", "1772359200", "now", ""),
)

BASE: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "0192f0c1-2345-7abc-8def-0123456789ab",
    "source": "tests",
    "time": "2026-03-01T10:00:00.5Z",
}


def envelope(event: EventType, **data: Any) -> dict[str, Any]:
    """A valid envelope around the event's example, with `data` put over it."""
    return {**BASE, "type": event.type, "data": {**event.example, **data}}


def record(event: EventType, **data: Any) -> bytes:
    """A valid record of the event's example, with `data` put over it."""
    return json.dumps(envelope(event, **data)).encode()


raw_values = st.one_of(
    st.sampled_from(ODD_VALUES),
    st.sampled_from(ODD_TIMES).map(json.dumps),
    st.datetimes(timezones=st.just(None) | st.timezones()).map(lambda time: json.dumps(time.isoformat())),
    st.integers().map(str),
    st.integers(0, 9).map(str),
    st.floats().map(repr),
    st.floats(0, 1).map(repr),
    st.text(max_size=8).map(json.dumps),
    st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.uuids().map(lambda value: f'"{value}"'),
)
"""JSON text of a value that may or may not fit."""

blanks = st.sampled_from(("", "", "", " ", "\n", "\t\r\n", "\x0b"))


@st.composite
def written(draw: st.DrawFn, pairs: dict[str, Any]) -> str:
    """A JSON object with the given values, some bent, missing, doubled, in another order or unknown."""
    names = list(pairs)
    if draw(st.booleans()):
        names = draw(st.permutations(names))
    bends = draw(st.dictionaries(st.sampled_from(names), raw_values, max_size=2))
    gone = draw(st.sets(st.sampled_from(names), max_size=1)) if draw(st.integers(0, 9)) == 0 else set()
    parts = []
    for name in names:
        value = pairs[name]
        text = bends[name] if name in bends else value if isinstance(value, Raw) else json.dumps(value)
        parts += [f"{json.dumps(name)}{draw(blanks)}:{draw(blanks)}{text}"] if name not in gone else []
        if draw(st.integers(0, 40)) == 0:
            parts.append(f"{json.dumps(name)}:{draw(raw_values)}")
    if draw(st.integers(0, 15)) == 0:
        parts.append(f"{json.dumps(draw(st.text(max_size=5)))}:{draw(raw_values)}")
    return "{" + draw(blanks) + ",".join(parts) + "}" + draw(blanks)


class Raw(str):
    """Text that is JSON already."""


@st.composite
def records(draw: st.DrawFn, events: tuple[EventType, ...]) -> bytes:
    """Bytes of a record that is, or nearly is, one of the events."""
    event = draw(st.sampled_from(events))
    data = draw(written(dict(event.example)))
    outer = {**BASE, "type": event.type, "data": Raw(data)}
    text = draw(written(outer)) if draw(st.booleans()) else _plainly(outer)
    value = text.encode("utf-8", "surrogatepass")
    match draw(st.integers(0, 19)):
        case 0:
            place = draw(st.integers(0, len(value)))
            value = value[:place] + draw(st.binary(max_size=3)) + value[place + draw(st.integers(0, 2)) :]
        case 1:
            value = draw(st.sampled_from((b"\xef\xbb\xbf", b" ", b"\x00", b"[", b"\xff"))) + value
        case 2:
            value = value + draw(st.sampled_from((b"\n", b"\x00", b"}", b"{}", b"\xc3")))
    return value


def _plainly(pairs: dict[str, Any]) -> str:
    texts = (f'"{name}":{value if isinstance(value, Raw) else json.dumps(value)}' for name, value in pairs.items())
    return "{" + ",".join(texts) + "}"

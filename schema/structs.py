"""Structs of the fast decoder, derived from the validation schema that pydantic makes of a model."""

from __future__ import annotations

import copy
import functools
import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_type_hints
from uuid import UUID

import msgspec
from pydantic import BaseModel

from schema.declare import Event, Misdeclared
from schema.types import INT8_MAX, moment, normal, storable, storable_document, whole, whole_number

FLOAT_MAX = sys.float_info.max
SILENT = {"type", "metadata", "ref", "strict", "serialization"}
"""Keys of a schema that don't change what is accepted, or only widen it."""

CHECKS = (storable, storable_document, normal)
"""Our own functions after a type: they only check, and the reader of the JSON sees to what they check."""

PORTABLE_PATTERN = re.compile(r"\^((\[[\w.!#$%&'*+/=?^`{|}~-]+\]|[\w:/=@-]|\\[.?])(\{\d+(,\d*)?\}|[*+?])?)+\$")
"""Patterns that mean the same to both engines, but for the newline before a final `$`."""

LENGTHS = {"max_length_validator": "max_length", "min_length_validator": "min_length"}

Schema = Mapping[str, Any]


class Underivable(Exception):
    """A model says what the fast path has no equal for; pydantic alone decodes its events."""


class Structs:
    """Structs of data, by model: each accepts from JSON only what its model accepts, with the same values.

    Four things are left to who reads the JSON: NUL in text, names that are not in NFC, times that are not in UTC, depth
    (see `open`). Integers that are written as strings are refused here, and pydantic reads them.
    """

    def __init__(self) -> None:
        self._derived: dict[type[BaseModel], type[msgspec.Struct]] = {}
        self._loose: dict[type[BaseModel], type[msgspec.Struct]] = {}
        self.open: set[type[msgspec.Struct]] = set()
        """Structs that hold free documents: depth is unbounded."""

    def of(self, model: type[BaseModel]) -> type[msgspec.Struct]:
        """The struct that mirrors a model. Raises Underivable, or Misdeclared, naming the field."""
        _check_null(model)
        if model not in self._derived:
            self._derived[model] = self._derive(model)
        return self._derived[model]

    def loose(self, model: type[BaseModel]) -> type[msgspec.Struct]:
        """The struct that mirrors a model; if pydantic must decode it, one with its fields and no types."""
        if model in self._derived:
            return self._derived[model]
        if model not in self._loose:
            nulls = {name for name, field in model.model_fields.items() if field.default is None}
            fields = [(name, Any, None) if name in nulls else (name, Any) for name in model.model_fields]
            self._loose[model] = _struct(model, fields)
        return self._loose[model]

    def timed(self, model: type[BaseModel]) -> list[str]:
        """Fields of a model that hold times, anywhere inside."""
        return [name for name, of in get_type_hints(self.loose(model)).items() if self._holds_time(of)]

    def _holds_time(self, of: Any) -> bool:
        if isinstance(of, type) and issubclass(of, msgspec.Struct):
            return any(self._holds_time(each) for each in get_type_hints(of).values())
        return of is datetime or any(self._holds_time(each) for each in get_args(of))

    def build(self, value: Any) -> Any:
        """What pydantic decoded, as the fast path would give it: models become structs."""
        match value:
            case BaseModel():
                fields = {name: self.build(getattr(value, name)) for name in type(value).model_fields}
                return self.loose(type(value))(**fields)
            case list() | tuple():
                return type(value)(self.build(each) for each in value)
            case dict():
                return {key: self.build(each) for key, each in value.items()}
        return value

    def _derive(self, model: type[BaseModel]) -> type[msgspec.Struct]:
        schema: Schema = model.__pydantic_core_schema__
        _only(schema, "cls", "config", "schema", "model_name", "custom_init", "root_model")
        fields = schema["schema"]
        _only(fields, "fields", "model_name", "computed_fields")
        if schema["type"] != "model" or fields["type"] != "model-fields" or fields.get("computed_fields"):
            raise Underivable(f"{model.__name__} is not a plain model")
        if schema.get("custom_init") or schema.get("root_model"):
            raise Underivable(f"{model.__name__} is built in a way of its own")
        if schema.get("config", {}).get("extra_fields_behavior") != "forbid":
            raise Underivable(f"{model.__name__} allows extra fields")
        free = _Free()
        named = fields["fields"].items()
        made = _struct(model, [self._field(name, each, free) for name, each in named])
        if free.found:
            self.open.add(made)
        return made

    def _field(self, name: str, field: Schema, free: _Free) -> tuple[Any, ...]:
        _only(field, "schema")
        schema = field["schema"]
        try:
            if schema["type"] != "default":
                return name, self._type(schema, free)
            _only(schema, "schema", "default", "default_factory", "default_factory_takes_data")
            if schema.get("default_factory_takes_data"):
                raise Underivable("its default depends on other fields")
            return name, self._type(schema["schema"], free), _default(schema)
        except Underivable as why:
            raise Underivable(f"{name}: {why}") from None

    def _type(self, schema: Schema, free: _Free) -> Any:
        match schema["type"]:
            case "nullable":
                _only(schema, "schema")
                return self._type(schema["schema"], free) | None
            case "list":
                _only(schema, "items_schema", "min_length", "max_length")
                return _sized(list[self._inner(schema, "items_schema", free)], schema)  # type: ignore[misc]
            case "tuple":
                _only(schema, "items_schema")
                return tuple[tuple(self._type(each, free) for each in schema["items_schema"])]  # type: ignore[misc]
            case "dict":
                _only(schema, "keys_schema", "values_schema", "min_length", "max_length")
                if self._inner(schema, "keys_schema", free) is not str:
                    raise Underivable("the names of a document must be plain text")
                return _sized(dict[str, self._inner(schema, "values_schema", free)], schema)  # type: ignore[misc]
            case "any":
                _only(schema)
                free.found = True
                return Any
            case "model":
                inner = self.of(schema["cls"])
                free.found |= inner in self.open
                return inner
            case "function-after":
                return self._after(schema, free)
        return _scalar(schema)

    def _inner(self, schema: Schema, part: str, free: _Free) -> Any:
        return self._type(schema.get(part) or {"type": "any"}, free)

    def _after(self, schema: Schema, free: _Free) -> Any:
        """A type followed by functions: ours only check, pydantic's own bound the length of a text."""
        bounds: list[tuple[str, int]] = []
        while schema["type"] == "function-after":
            _only(schema, "schema", "function")
            function = schema["function"]["function"]
            bounds += [] if function in CHECKS else [_length(function)]
            schema = schema["schema"]
        if bounds and schema["type"] != "str":
            raise Underivable(f"has a length as a {schema['type']}")
        return self._type(_bounded(schema, bounds), free)


class _Free:
    found = False


def _struct(model: type[BaseModel], fields: list[tuple[Any, ...]]) -> type[msgspec.Struct]:
    # In alphabetical order, so that encoding a struct gives canonical JSON without sorting. What is null is
    # not written: data with a field that came later has the same canonical bytes as before.
    ordered = sorted(fields, key=lambda field: field[0])
    return msgspec.defstruct(
        model.__name__,
        ordered,
        kw_only=True,
        gc=False,
        forbid_unknown_fields=True,
        omit_defaults=issubclass(model, Event),
    )


def _only(schema: Schema, *known: str) -> None:
    unknown = {key for key, value in schema.items() if value is not None} - SILENT - set(known)
    if unknown:
        raise Underivable(f"{schema['type']} has {', '.join(sorted(unknown))}")


def _default(schema: Schema) -> Any:
    if "default_factory" in schema:
        return msgspec.field(default_factory=functools.partial(schema["default_factory"]))
    if schema["default"] is None:
        return None
    # Behind a factory, so that a default other than null is written.
    return msgspec.field(default_factory=functools.partial(copy.deepcopy, schema["default"]))


def _check_null(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        if type(None) in get_args(field.annotation) and (field.is_required() or field.default is not None):
            raise Misdeclared(f"{model.__name__}.{name} may be null, so it must default to null")


def _length(function: Any) -> tuple[str, int]:
    name = getattr(getattr(function, "func", None), "__name__", "")
    if not isinstance(function, functools.partial) or name not in LENGTHS:
        raise Underivable(f"has the validator {getattr(function, '__qualname__', function)}")
    return LENGTHS[name], function.keywords[LENGTHS[name]]


def _bounded(schema: Schema, bounds: list[tuple[str, int]]) -> Schema:
    tightest = dict(schema)
    for name, bound in bounds:
        tighter = min if name == "max_length" else max
        tightest[name] = tighter(bound, tightest.get(name, bound))
    return tightest


def _scalar(schema: Schema) -> Any:
    make = _SCALARS.get(schema["type"])
    if make is None:
        raise Underivable(f"is of type {schema['type']}")
    return make(schema)


def _int(schema: Schema) -> Any:
    _only(schema, "ge", "gt", "le", "lt")
    low = max(-INT8_MAX - 1, schema.get("ge", -INT8_MAX - 1), schema.get("gt", -INT8_MAX - 2) + 1)
    high = min(INT8_MAX, schema.get("le", INT8_MAX), schema.get("lt", INT8_MAX + 1) - 1)
    return Annotated[int, msgspec.Meta(ge=low, le=high)]


def _float(schema: Schema) -> Any:
    _only(schema, "ge", "gt", "le", "lt", "allow_inf_nan")
    low = {"gt": schema["gt"]} if "gt" in schema else {"ge": schema.get("ge", -FLOAT_MAX)}
    high = {"lt": schema["lt"]} if "lt" in schema else {"le": schema.get("le", FLOAT_MAX)}
    return Annotated[float, msgspec.Meta(**low, **high)]


def _str(schema: Schema) -> Any:
    _only(schema, "min_length", "max_length", "pattern")
    pattern = schema.get("pattern")
    if pattern is None:
        return _sized(str, schema)
    if not isinstance(pattern, str) or not PORTABLE_PATTERN.fullmatch(pattern):
        raise Underivable(f"has the pattern {pattern}")
    return Annotated[_sized(str, schema), msgspec.Meta(pattern=pattern[:-1] + r"\Z")]


def _sized(of: Any, schema: Schema) -> Any:
    bounds = {name: schema[name] for name in ("min_length", "max_length") if name in schema}
    return Annotated[of, msgspec.Meta(**bounds)] if bounds else of


def _literal(schema: Schema) -> Any:
    _only(schema, "expected")
    expected = tuple(schema["expected"])
    if {type(each) for each in expected} not in ({str}, {int}):
        raise Underivable("has values that are neither all text nor all integers")
    return Literal[expected]


def _before(schema: Schema) -> Any:
    _only(schema, "schema", "function")
    function = schema["function"]["function"]
    if function is whole_number and schema["schema"]["type"] == "int":
        return _int(schema["schema"])
    if function is whole and schema["schema"]["type"] == "literal":
        return _literal(schema["schema"])
    if function is not moment:
        raise Underivable(f"has the validator {function}")
    _only(schema["schema"], "tz_constraint", "microseconds_precision")
    return Annotated[datetime, msgspec.Meta(tz=True)]


def _plain(of: type) -> Callable[[Schema], Any]:
    def make(schema: Schema) -> Any:
        _only(schema)
        return of

    return make


_SCALARS: dict[str, Callable[[Schema], Any]] = {
    "int": _int,
    "float": _float,
    "str": _str,
    "bool": _plain(bool),
    "uuid": _plain(UUID),
    "literal": _literal,
    "function-before": _before,
}

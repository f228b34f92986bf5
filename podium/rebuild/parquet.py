"""Parquet: rows in columns whose types give back every value as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Uuid,
)

from podium.errors import Problem

BLOCK_ROWS = 10_000
BLOCK_BYTES = 32 << 20
"""A block, which is a row group of the file, ends at whichever comes first: it is held in memory."""
STREAM_ROWS = 500
"""Rows asked of the server at a time."""
DIGITS_MAX = 76


class NoParquet(Problem):
    """Parquet is asked for, but the package that reads and writes it is not installed."""

    code = "PD100"
    exit_code = 2


def arrow() -> Any:
    """The package pyarrow. Raises NoParquet."""
    try:
        import pyarrow.parquet
    except ImportError:
        remedy = "pip install 'podium-pipeline[parquet]' installs it; --form csv and --form json need nothing."
        raise NoParquet("Parquet needs the package pyarrow, which is not here", remedy) from None
    return pyarrow


def field(column: Column[Any], written: str) -> Any:
    """A column of a table as one of the file; `written` is its type as PostgreSQL writes it, which goes along.

    What has no exact type of its own is text: a NUMERIC without a scale has another one in each value.
    """
    return arrow().field(column.name, _type(column), metadata={"postgres": written})


def as_text(column: Column[Any]) -> bool:
    """Whether the file wants the canonical text of a value instead of the value."""
    pa = arrow()
    return _type(column) in (pa.string(), pa.json_())


def _type(column: Column[Any]) -> Any:
    pa = arrow()
    match column.type:
        case Boolean():
            return pa.bool_()
        case SmallInteger():
            return pa.int16()
        case BigInteger():
            return pa.int64()
        case Integer():
            return pa.int32()
        case Double():
            return pa.float64()
        case Numeric(precision=int(digits), scale=int(scale)) if digits <= DIGITS_MAX:
            return pa.decimal128(digits, scale) if digits <= DIGITS_MAX // 2 else pa.decimal256(digits, scale)
        case DateTime(timezone=zoned):
            return pa.timestamp("us", "UTC" if zoned else None)
        case Date():
            return pa.date32()
        case Uuid():
            return pa.uuid()
        case LargeBinary():
            return pa.binary()
        case JSON():
            return pa.json_()
    return pa.string()


def write(path: Path, fields: Sequence[Any], rows: Iterable[Sequence[Any]], notes: Mapping[str, str]) -> None:
    """Write rows, a block at a time; `notes` become the key-value metadata of the file. Raises NoParquet."""
    pa = arrow()
    shape = pa.schema(fields, metadata=notes)
    with pa.parquet.ParquetWriter(path, shape, compression="zstd") as file:
        for block in _blocks(rows):
            columns = zip(*block, strict=True)
            arrays = [pa.array(values, each.type) for values, each in zip(columns, fields, strict=True)]
            file.write_batch(pa.record_batch(arrays, schema=shape))


def _blocks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    block: list[Sequence[Any]] = []
    weight = 0
    for row in rows:
        block.append(row)
        weight += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(block) >= BLOCK_ROWS or weight >= BLOCK_BYTES:
            yield block
            block, weight = [], 0
    if block:
        yield block


def read(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a file in some of its columns, a block at a time. Raises NoParquet."""
    with arrow().parquet.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            block = file.read_row_group(number, columns)
            yield from zip(*(block[name].to_pylist() for name in columns), strict=True)

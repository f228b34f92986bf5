"""The vendored texts are the published ones, read row by row without a change."""

import gzip
import io
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.sentiment import load
from samples.sentiment.corpus import TEXT_SETS, CorpusDamaged, parse, text, unpack
from samples.sentiment.labels import GOLD, PREDICTED
from samples.sentiment.vendor import ARCHIVE, FOLDER, HERE, LICENCE, SourceRefused, vendor

LABEL_COUNTS = {
    "tweets": {"positive": 2345, "negative": 1087, "neutral": 768},
    "amazonReviewSnippets": {"positive": 1750, "negative": 1235, "neutral": 723},
    "movieReviewSnippets": {"positive": 4996, "negative": 5076, "neutral": 533},
    "nytEditorialSnippets": {"positive": 1187, "negative": 1783, "neutral": 2220},
}
DISTINCT_TEXTS = {
    "tweets": 4200,
    "amazonReviewSnippets": 3697,
    "movieReviewSnippets": 10603,
    "nytEditorialSnippets": 5119,
}


def test_every_dataset_has_its_rows_and_labels() -> None:
    counted = {dataset.name: dict(Counter(row.label for row in dataset.rows)) for dataset in load()}
    assert counted == LABEL_COUNTS


def test_the_corpus_holds_23703_rows_with_ids_unique_within_a_dataset() -> None:
    corpus = load()
    assert sum(len(dataset.rows) for dataset in corpus) == 23_703
    assert all(len({row.source_id for row in dataset.rows}) == len(dataset.rows) for dataset in corpus)


def test_repeated_texts_are_kept() -> None:
    assert {one.name: len({row.content for row in one.rows}) for one in load()} == DISTINCT_TEXTS


def test_rows_put_together_again_are_the_published_text() -> None:
    for one, dataset in zip(TEXT_SETS, load(), strict=True):
        lines = ("\t".join((row.source_id, str(row.rating), row.content)) for row in dataset.rows)
        assert "\r\n".join(lines) == text(one)


def test_entities_and_blanks_at_the_ends_stay() -> None:
    rows = [row for dataset in load() for row in dataset.rows]
    assert "&amp;" in load()[0].rows[2].content
    assert sum(row.content != row.content.strip() for row in rows) == 12
    assert max(len(row.content) for row in rows) == 855


@pytest.mark.parametrize(
    ("rating", "label"),
    [
        ("4", "positive"),
        ("0.5", "positive"),
        ("0.49999999999", "neutral"),
        ("0", "neutral"),
        ("-0.49999999999", "neutral"),
        ("-0.5", "negative"),
        ("-4", "negative"),
    ],
)
def test_gold_thresholds_belong_to_the_outer_labels(rating: str, label: str) -> None:
    assert GOLD.label(Decimal(rating)) == label


@pytest.mark.parametrize(
    ("score", "label"), [(0.05, "positive"), (0.0499, "neutral"), (-0.0499, "neutral"), (-0.05, "negative")]
)
def test_predicted_thresholds(score: float, label: str) -> None:
    # As binary fractions 0.05 lies just above its decimal name and -0.05 just below.
    assert PREDICTED.label(score) == label


@given(st.lists(st.text(st.characters(blacklist_characters="\t\r\n", codec="utf-8")), min_size=1))
def test_any_text_passes_unchanged(contents: list[str]) -> None:
    lines = [f"{number}\t0.1\t{content}" for number, content in enumerate(contents)]
    assert [row.content for row in parse("any", "\r\n".join(lines))] == contents


@pytest.mark.parametrize("line", ["1\t0.5", "1\tfair\ttext", "1\t0.5\ttext\tmore", ""])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(CorpusDamaged, match="line 2"):
        parse("any", f"0\t0.5\tfine\r\n{line}")


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(CorpusDamaged, match="twice"):
        parse("any", "1\t0.5\tone\r\n1\t0.5\tanother")


@pytest.mark.parametrize(
    "packed", [b"", b"not packed", gzip.compress(b"another text", mtime=0), gzip.compress(b"a", mtime=0)[:-9]]
)
def test_a_damaged_file_is_refused(packed: bytes) -> None:
    with pytest.raises(CorpusDamaged, match="vendor it again"):
        unpack(TEXT_SETS[0], packed)


def published() -> dict[str, bytes]:
    return {one.member: text(one).encode() for one in TEXT_SETS}


def archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def distribution(texts: dict[str, bytes]) -> dict[str, bytes]:
    inner = archive({f"{FOLDER}/{name}": content for name, content in texts.items()})
    return {f"package-1/{LICENCE}": (HERE / LICENCE).read_bytes(), f"package-1/{ARCHIVE}": inner}


def as_tar(path: Path, members: dict[str, bytes]) -> Path:
    path.write_bytes(archive(members))
    return path


def as_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


@pytest.mark.parametrize("write", [as_tar, as_zip])
def test_vendoring_a_distribution_gives_the_files_of_the_tree(
    tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path]
) -> None:
    sdist = write(tmp_path / "sdist", distribution(published()))
    written = vendor(sdist, tmp_path / "target")
    assert len(written) == 5
    for path in written:
        kept = HERE / path.relative_to(tmp_path / "target")
        # Another build of zlib may pack differently; what comes out must not differ.
        assert unpacked(path) == unpacked(kept)


def test_packed_files_carry_neither_name_nor_time() -> None:
    for one in TEXT_SETS:
        header = (HERE / "texts" / f"{one.member}.gz").read_bytes()[:8]
        assert header == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"


def test_vendoring_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    sdist = as_tar(tmp_path / "sdist", distribution(published()))
    first, second = ([path.read_bytes() for path in vendor(sdist, tmp_path / target)] for target in ("one", "two"))
    assert first == second


def test_a_changed_text_is_refused(tmp_path: Path) -> None:
    texts = published()
    texts["tweets_GroundTruth.txt"] += b"\r\n4201\t0.1\tone more"
    with pytest.raises(SourceRefused, match=r"tweets_GroundTruth.*sha256"):
        vendor(as_tar(tmp_path / "sdist", distribution(texts)), tmp_path / "target")


def test_a_distribution_without_the_texts_is_refused(tmp_path: Path) -> None:
    wheel = as_zip(tmp_path / "wheel", {f"package-1/{LICENCE}": b""})
    with pytest.raises(SourceRefused, match="not a wheel"):
        vendor(wheel, tmp_path / "target")
    incomplete = as_tar(tmp_path / "sdist", distribution({}))
    with pytest.raises(SourceRefused, match="holds no tweets_GroundTruth"):
        vendor(incomplete, tmp_path / "target")


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content

"""Makes the site's pages: those of the repository under their own paths, and one of the reference for each module.

A link that leads to code becomes a link to its page of the reference, or plain text if it has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("podium", "schema", "consumers", "streams")
"""Packages in the reference; samples, tests and benchmarks are read as code."""

TEXTS = (
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "docs/*.md",
    "docs/domains/*.md",
    "docs/decisions/*.md",
    "samples/*/README.md",
)
GUIDES = ("producers", "clients", "operators", "rebuild", "reliability", "errors", "benchmarks")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the navigation. A page that is not listed here fails the build."""
    decisions = sorted(_paths("docs/decisions/*.md"), key=lambda path: (not path.endswith("README.md"), path))
    extending = sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in GUIDES)
    config.nav = [
        {"Podium": ["README.md", "CHANGELOG.md"]},
        {"Using it": [f"docs/{name}.md" for name in GUIDES]},
        {"Domains": [*_paths("docs/domains/*.md"), *_paths("samples/*/README.md")]},
        {"Changing it": ["ARCHITECTURE.md", *(f"docs/{name}.md" for name in extending)]},
        {"Decisions": decisions},
        {"Reference": [{package: list(_reference(package))} for package in PACKAGES]},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every page and picture of the repository and every module of the packages."""
    for pattern in TEXTS:
        for path in _paths(pattern):
            files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    for package in PACKAGES:
        for page in _reference(package):
            name = _module(page)
            files.append(File.generated(config, page, content=f"# {name}\n\n::: {name}\n"))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links to code into links to the reference."""
    folder = str(Path(page.file.src_uri).parent)

    def rewritten(link: re.Match[str]) -> str:
        text, target, anchor = link.groups()
        if "://" in target or target.endswith(".md"):
            return link.group()
        path = normpath(f"{folder}/{target}")
        if (ROOT / path / "README.md").is_file():
            return f"[{text}]({target.rstrip('/')}/README.md)"
        reference = _page_of(path)
        return f"[{text}]({relpath(reference, folder)}{anchor or ''})" if reference else text

    return LINK.sub(rewritten, markdown)


def _paths(pattern: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


def _reference(package: str) -> Iterator[str]:
    """Paths of the pages of a package's modules, the package itself first."""
    modules = sorted(
        (ROOT / package).rglob("*.py"), key=lambda path: (path.parent, path.name != "__init__.py", path.name)
    )
    for path in modules:
        if path.name == "__main__.py" or "sql" in path.parts:
            continue
        place = path.relative_to(ROOT).with_suffix("")
        yield f"reference/{place.parent / 'index' if place.name == '__init__' else place}.md"


def _module(page: str) -> str:
    return page.removeprefix("reference/").removesuffix(".md").removesuffix("/index").replace("/", ".")


def _page_of(path: str) -> str | None:
    """The page of the reference for a file or folder of the repository."""
    package = path.split("/")[0]
    if package not in PACKAGES:
        return None
    page = f"reference/{path.removesuffix('.py')}.md" if path.endswith(".py") else f"reference/{path}/index.md"
    return page if page in set(_reference(package)) else None

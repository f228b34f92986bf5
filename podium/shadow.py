"""Refuses to start beside a distribution that takes a package name of ours, before anything of it is imported."""

import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from podium.errors import Problem

PACKAGES = ("schema", "streams", "consumers", "migrations", "samples")
"""Top packages that we install and whose names others use too: `schema` and `streams` are on the package index."""

OURS = "podium-pipeline"


class Shadowed(Problem):
    """Another package has the name of one of ours."""

    code = "PD002"
    exit_code = 2


def check() -> None:
    """Raise Shadowed if a package of ours would be imported from elsewhere, or shares its folder with a stranger.

    Whichever of the two was installed first: the second has written over files of the first.
    """
    root = Path(__file__).resolve().parents[1]
    for package in PACKAGES:
        ours = root / package / "__init__.py"
        spec = find_spec(package)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != ours:
            raise _elsewhere(package, origin, ours)
        if _is_shared(package, ours):
            raise Shadowed(
                f"the distribution `{package}` and Podium both install the package `{package}` at {ours.parent}",
                f"They cannot share an environment: {_remedy(package)}",
            )


def _elsewhere(package: str, origin: Path | None, ours: Path) -> Shadowed:
    if origin is None:
        return Shadowed(f"Podium's package `{package}` is not at {ours.parent}", f"Install again: {_install()}")
    place = origin.parent if origin.name == "__init__.py" else origin
    return Shadowed(
        f"the package `{package}` at {place} shadows Podium's own at {ours.parent}",
        f"Move it away, or if it was installed: {_remedy(package)}",
    )


def _is_shared(package: str, ours: Path) -> bool:
    try:
        stranger = distribution(package)
    except PackageNotFoundError:
        return False
    return any(Path(str(file.locate())).resolve() == ours for file in stranger.files or ())


def _remedy(package: str) -> str:
    return f"{sys.executable} -m pip uninstall {package}, then {_install()}"


def _install() -> str:
    return f"{sys.executable} -m pip install --force-reinstall --no-deps {OURS}"

"""The distribution named `schema` on the package index must never take the place of ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import podium
import schema

ROOT = Path(podium.__file__).resolve().parents[1]


def test_the_schema_imported_is_ours() -> None:
    assert Path(str(schema.__file__)).resolve() == ROOT / "schema" / "__init__.py"
    assert schema.DOMAINS


def test_no_installed_distribution_but_ours_claims_the_name() -> None:
    assert set(packages_distributions().get("schema", [])) <= {"podium-pipeline"}


def test_the_lock_has_no_distribution_of_that_name() -> None:
    locks = sorted(ROOT.glob("requirements*.lock"))
    assert locks
    for lock in locks:
        assert not re.search(r"^schema\s*==", lock.read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("start", ["script", "module"])
def test_a_shadowing_package_is_refused_by_name(tmp_path: Path, start: str) -> None:
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "__init__.py").write_text("class Schema: ...\n")
    script = [str(Path(sys.executable).with_name("podium"))]
    command = script if start == "script" else [sys.executable, "-m", "podium"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [*command, "schema", "list"], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    told = done.stderr.replace("\n", "")
    assert "PD002" in told
    assert str(tmp_path / "schema") in told
    assert "pip uninstall schema" in told
    assert "Traceback" not in told

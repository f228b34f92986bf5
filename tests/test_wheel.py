"""The wheel in an environment of its own: complete, and refused beside another owner of one of its package names."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
STRANGER = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.7.8"

[tool.hatch.build.targets.wheel]
packages = ["{name}"]
"""


def build(source: Path, target: Path) -> Path:
    """The wheel of the project in `source`."""
    arguments = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(target), str(source)]
    subprocess.run([*PIP, *arguments], check=True, timeout=120)
    (wheel,) = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


def stranger(name: str, folder: Path) -> Path:
    """A wheel of another project that installs the package `name`."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("class Schema: ...\n")
    (folder / "pyproject.toml").write_text(STRANGER.format(name=name))
    return build(folder, folder / "built")


class Environment:
    """An environment that has what Podium depends on, but neither Podium nor its sources."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        # A folder that a .pth file names is searched, but .pth files in it, such as that of our sources, are not read.
        (folder / "lib" / version / "site-packages" / "needed.pth").write_text(f"{Path(msgspec.__file__).parents[1]}\n")

    def install(self, wheel: Path) -> None:
        self.pip("install", "--no-deps", "--no-index", "--force-reinstall", "--ignore-installed", str(wheel))

    def pip(self, *arguments: str) -> None:
        subprocess.run([*PIP, "--python", str(self.python), *arguments], check=True, timeout=120)

    def podium(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.folder / "bin" / "podium"), *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120)


def test_the_wheel_holds_all_that_the_commands_need(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "alone")
    environment.install(wheel)
    place = [str(environment.python), "-c", "import schema; print(schema.__file__)"]
    found = subprocess.run(place, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True).stdout
    assert str(environment.folder) in found
    listed = environment.podium("schema", "list")
    assert listed.returncode == 0, listed.stderr
    assert environment.podium("demo", "--help").returncode == 0
    names = subprocess.run(
        [str(environment.python), "-c", "from podium import demo; print(*[each.headline for each in demo.every()])"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert names.returncode == 0, names.stderr


@pytest.mark.parametrize(("name", "first"), [("schema", "ours"), ("schema", "theirs"), ("streams", "ours")])
def test_another_owner_of_a_name_is_refused_in_both_orders(name: str, first: str, wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "shared")
    wheels = [wheel, stranger(name, tmp_path / "stranger")]
    for each in wheels if first == "ours" else reversed(wheels):
        environment.install(each)
    for arguments in (["--version"], ["status", "--json"]):
        ended = environment.podium(*arguments)
        assert ended.returncode == 2
        assert "PD002" in ended.stderr
        assert f"pip uninstall {name}" in ended.stderr
        assert "Traceback" not in ended.stderr
    environment.pip("uninstall", "--yes", name)
    environment.install(wheel)
    assert environment.podium("schema", "list").returncode == 0

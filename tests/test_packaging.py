"""What is installed is ours, pinned, and without any address."""

import re
import subprocess
import sys
from pathlib import Path

import schema

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()


def test_schema_is_ours() -> None:
    assert Path(schema.__file__).parent == ROOT / "schema"
    assert schema.DOMAINS


def test_the_package_of_the_same_name_is_not_locked() -> None:
    assert not re.search(r"^schema==", LOCK, re.MULTILINE)


def test_another_schema_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "schema.py").write_text("class Schema: ...\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from podium.cli.main import run; run()"
    done = subprocess.run([sys.executable, "-c", code, "status"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PD002" in done.stderr
    assert "pip uninstall schema" in done.stderr


def test_lock_files_pin_hashes_and_name_no_address() -> None:
    for name in ("requirements.lock", "podium/embedded/jars.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert not re.search(r"^\s*(--(index|extra-index|find-links|trusted)|-[if] )", text, re.MULTILINE)
    pins = re.split(r"^(?=[a-zA-Z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) > 50
    assert all(re.match(r"[\w.-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins)


def test_what_is_asked_for_is_locked() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~ ]", each)[0].lower() for each in asked}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", LOCK, re.MULTILINE))
    assert names <= locked

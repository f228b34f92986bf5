"""The broker's jars: pinned, verified, fetched once, and a clear word when they cannot be had."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from podium.embedded import jars
from podium.embedded.jars import JarRefused, JarsMissing
from podium.settings import Maven, Settings, load

NOWHERE = "http://127.0.0.1:9"


class Quiet(SimpleHTTPRequestHandler):
    """Says nothing about each request."""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def mirror(folder: Path) -> Iterator[str]:
    """A Maven repository on loopback that serves the folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def cache(services: Settings) -> Path:
    """A filled cache: the one from which the broker of these tests runs."""
    return load().maven.cache


def test_an_empty_cache_is_filled_from_a_mirror(cache: Path, tmp_path: Path) -> None:
    with mirror(cache) as url:
        paths = jars.classpath(Maven(mirror=url, cache=tmp_path))
    assert len(paths) == len(list(jars.locked()))
    assert all(path.is_file() for path in paths)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_filled_cache_needs_no_network(cache: Path) -> None:
    assert jars.classpath(Maven(mirror=NOWHERE, cache=cache))


def test_offline_with_an_empty_cache_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(JarsMissing) as missing:
        jars.classpath(Maven(mirror=NOWHERE, cache=tmp_path))
    for jar in jars.locked():
        assert jar.coordinate in str(missing.value)
    assert "PODIUM_KAFKA__BOOTSTRAP" in str(missing.value)
    assert "PODIUM_MAVEN__MIRROR" in str(missing.value)


def test_a_jar_that_was_changed_on_the_way_is_refused(cache: Path, tmp_path: Path) -> None:
    jar = next(jar for jar in jars.locked() if jar.artifact == "kafka-raft")
    repository, own = tmp_path / "repository", tmp_path / "cache"
    shutil.copytree(cache, own)
    (own / jar.path).unlink()
    altered = bytearray((cache / jar.path).read_bytes())
    altered[len(altered) // 2] ^= 1
    (repository / jar.path).parent.mkdir(parents=True)
    (repository / jar.path).write_bytes(altered)
    with mirror(repository) as url, pytest.raises(JarRefused, match=jar.coordinate):
        jars.classpath(Maven(mirror=url, cache=own))
    assert not (own / jar.path).exists()


def test_a_jar_that_decayed_in_the_cache_is_fetched_again(cache: Path, tmp_path: Path) -> None:
    jar = next(jars.locked())
    own = tmp_path / "cache"
    shutil.copytree(cache, own)
    (own / jar.path).write_bytes((own / jar.path).read_bytes()[:-1])
    with pytest.raises(JarsMissing, match=jar.coordinate):
        jars.classpath(Maven(mirror=NOWHERE, cache=own))
    with mirror(cache) as url:
        jars.classpath(Maven(mirror=url, cache=own))
    assert (own / jar.path).read_bytes() == (cache / jar.path).read_bytes()


def test_the_lock_names_no_address_and_only_whole_digests() -> None:
    locked = list(jars.locked())
    assert len({jar.coordinate for jar in locked}) == len(locked)
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert "org.apache.kafka:kafka_2.13:4.3.1" in {jar.coordinate for jar in locked}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate and key of a server on loopback, signed by itself: no system trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@contextmanager
def over_tls(folder: Path, authority: Path) -> Iterator[str]:
    """The mirror behind a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "cert", authority / "key")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_certificate_that_nobody_trusts_is_told(cache: Path, tmp_path: Path, authority: Path) -> None:
    with over_tls(cache, authority) as url, pytest.raises(JarsMissing) as missing:
        jars.classpath(Maven(mirror=url, cache=tmp_path))
    assert "SSL_CERT_FILE" in missing.value.remedy


def test_what_the_system_trusts_is_trusted(
    cache: Path, tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "cert"))
    with over_tls(cache, authority) as url:
        assert len(jars.classpath(Maven(mirror=url, cache=tmp_path))) == len(list(jars.locked()))

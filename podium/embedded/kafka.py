"""Apache Kafka from its jars, on the Java runtime of a wheel: one KRaft node, broker and controller."""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from uuid import uuid4

import psutil

from podium.embedded import jars, ports
from podium.embedded.home import Home
from podium.embedded.java import LOCALE, Java, is_plain
from podium.embedded.process import Process, Report, StartFailed, alive, plain_environment, start_failed
from podium.settings import Settings

NODE = "1"
START_TRIES = 3
METADATA_SECONDS = 2.0

# One broker can hold one copy only; the rest makes groups and transactions quick and keeps every record.
CONFIGURATION = {
    "process.roles": "broker,controller",
    "node.id": NODE,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "8",
    "offsets.retention.minutes": "2147483647",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "8",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After kill -9 the broker may come back only when its former self is given up.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.retention.ms": "-1",
    "log.retention.bytes": "-1",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "message.max.bytes": "8388608",
    "replica.fetch.max.bytes": "8388608",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


class Kafka:
    """The embedded broker of one home."""

    name = "kafka"

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings = settings
        self.home = home
        self.data = home.kafka / "data"
        self.properties = home.kafka / "server.properties"
        self.process = Process("Kafka", "java", str(self.properties), home.run / "kafka.pid", home.logs / "kafka.log")

    @property
    def bootstrap(self) -> str:
        """Address for clients, once started."""
        return f"{ports.LOOPBACK}:{self.home.ports['kafka']}"

    def running(self) -> bool:
        """Whether the broker accepts connections."""
        return self.process.find() is not None and ports.answers(self.home.ports.get("kafka", 0))

    def start(self, report: Report) -> None:
        """Start unless it runs. Raises StartFailed, JarsMissing, JarRefused."""
        if self.running():
            return
        process = self.process.adopt(remembered=self.name in self.home.ports)
        if process is None or not self.process.wait(process, self._ready, self._deadline()):
            maven, scratch = self.settings.maven, self.home.kafka / "tmp"
            classpath = tuple(jars.classpath(maven, report))
            self._launch(Java(classpath, maven.cache, scratch, self.settings.memory_mb), report)

    def stop(self) -> bool:
        """Let the broker close its logs. False if it did not run."""
        return self.process.stop(signal.SIGTERM, self.settings.start_seconds_max)

    def _deadline(self) -> float:
        return time.monotonic() + self.settings.start_seconds_max

    def _launch(self, java: Java, report: Report) -> None:
        """A port may be taken between choosing and using it: then with others."""
        for _ in range(START_TRIES):
            known = self.home.ports
            port = ports.choose(known.get("kafka"), taken=set())
            controller = ports.choose(known.get("controller"), taken={port})
            self.home.remember_ports(kafka=port, controller=controller)
            self._configure(port, controller)
            self._format(java)
            if self._prepared(java, report) and self._launched(java):
                return
            if ports.free(port) and ports.free(controller):
                break
        raise start_failed("Kafka ended at start", self.process.last_words(), f"The whole log: {self.process.log}")

    def _prepared(self, java: Java, report: Report) -> bool:
        """False if the first start of all did not come about; without an archive every start takes longer."""
        able = is_plain(java.archive) and is_plain(self.home.kafka)
        return java.archive.exists() or not able or self._rehearsed(java, report)

    def _rehearsed(self, java: Java, report: Report) -> bool:
        """The first start of all is stopped again at once, and leaves an archive from which all later ones gain."""
        report("preparing Kafka, once, for quick starts from now on")
        made = self.home.passing_folder(self.home.kafka) / "broker.aot"
        if not self._launched(java, f"-XX:AOTCacheOutput={made}"):
            return False
        self.stop()
        java.keep(made)
        # On a slow machine the runtime may still be writing beside it: what is left is removed at the next start.
        shutil.rmtree(made.parent, ignore_errors=True)
        return True

    def _launched(self, java: Java, *options: str) -> bool:
        command = java.command("kafka.Kafka", str(self.properties), options=options)
        try:
            process = self.process.launch(command, plain_environment(LC_ALL=LOCALE), self.home.kafka)
        except psutil.NoSuchProcess:
            return False
        return self.process.wait(process, self._ready, self._deadline()) and alive(process)

    def _configure(self, port: int, controller: int) -> None:
        own = {
            "listeners": f"PLAINTEXT://{ports.LOOPBACK}:{port},CONTROLLER://{ports.LOOPBACK}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{ports.LOOPBACK}:{port}",
            "controller.quorum.voters": f"{NODE}@{ports.LOOPBACK}:{controller}",
            # Relative to the folder it is started in: a list of folders is split at commas.
            "log.dirs": self.data.name,
        }
        self.properties.write_text(_properties(CONFIGURATION | own))

    def _format(self, java: Java) -> None:
        """Under a passing name until complete: a crash half-way leaves nothing to be mistaken for data."""
        if self.data.exists():
            if not (self.data / "meta.properties").exists():
                raise StartFailed(f"the log in {self.data} is not complete", "Restore the folder, or remove it.")
            return
        half_made = self.home.passing_folder(self.home.kafka)
        passing = half_made.with_suffix(".properties")
        own = self.properties.read_text().replace(f"log.dirs={self.data.name}\n", f"log.dirs={half_made.name}\n")
        passing.write_text(own)
        arguments = ("format", "--cluster-id", str(uuid4()), "--config", str(passing))
        done = subprocess.run(
            java.command("kafka.tools.StorageTool", *arguments),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
            cwd=self.home.kafka, env=plain_environment(LC_ALL=LOCALE),
        )  # fmt: skip
        passing.unlink()
        if done.returncode:
            shutil.rmtree(half_made, ignore_errors=True)
            words = (done.stderr or done.stdout).strip()
            raise start_failed("formatting the broker's storage failed", words, f"The folder is {self.home.kafka}.")
        half_made.rename(self.data)

    def _ready(self) -> bool:
        """Not before metadata is served: the port opens earlier."""
        if not ports.answers(self.home.ports["kafka"]):
            return False
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        try:
            metadata = AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(timeout=METADATA_SECONDS)
        except KafkaException:
            return False
        return int(NODE) in metadata.brokers


def _properties(values: Mapping[str, str]) -> str:
    """A file for java.util.Properties, which takes it for Latin-1 and a backslash for the beginning of an escape."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in values.items())


def _escaped(value: str) -> str:
    units = value.encode("utf-16-be", "surrogatepass")
    letters = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    plain = "".join(chr(one) if 0x20 < one < 0x7F and one != ord("\\") else f"\\u{one:04x}" for one in letters)
    return plain.replace("\\u0020", " ") if value == value.strip() else plain

"""For machines that watch the page: is it alive, can it serve, how much does it do."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from psycopg import Error as DatabaseError

from podium import __version__
from podium.web.forms import json_response
from podium.web.pages import TheSite

router = APIRouter(include_in_schema=False)

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KINDS = ("live", "static", "livez", "readyz", "metrics", "version")


class Meters:
    """What this process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "podium_web_requests", "requests answered, by status class", ["status"], registry=self.registry
        )
        self.seconds = Histogram(
            "podium_web_seconds", "from a request to the beginning of its answer", ["page"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.age = Gauge(
            "podium_snapshot_age_seconds", "since the newest cut of a board", ["board"], registry=self.registry
        )
        self.streams = Gauge("podium_web_streams", "open streams of live pages", registry=self.registry)
        build = Gauge("podium_build_info", "the version that runs", ["version"], registry=self.registry)
        build.labels(__version__).set(1)

    def answered(self, path: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self.requests.labels(f"{status // 100}xx").inc()
        self.seconds.labels(kind(path)).observe(seconds)


def kind(path: str) -> str:
    """The kind of page at an address: few, however many addresses are asked for."""
    first, *rest = path.strip("/").split("/")
    if first == "b":
        return "board" if len(rest) < 2 else "snapshot" if rest[1].startswith("@") else "entry"
    return {"": "boards", "boards": "boards", "boards.json": "boards"}.get(first, first if first in KINDS else "other")


@router.get("/livez")
async def livez() -> Response:
    """The loop of this process moves: it answered."""
    return json_response({"alive": True})


@router.get("/readyz")
async def readyz(on: TheSite) -> Response:
    """Whether pages can be served: the database answers and its tables are there."""
    try:
        migrated = await on.gather.reading.migrated()
    except DatabaseError:
        return _unready("the database does not answer; see `podium status`")
    return json_response({"ready": True}) if migrated else _unready("the tables are missing; run `podium db upgrade`")


def _unready(why: str) -> Response:
    return json_response({"ready": False, "why": why}, status=503)


@router.get("/metrics")
async def metrics(request: Request, on: TheSite) -> Response:
    """Figures in the text format of Prometheus; without the database those of this process alone."""
    meters: Meters = request.app.state.meters
    meters.streams.set(on.hub.streams)
    meters.age.clear()
    try:
        for board, mark in (await on.gather.reading.latest()).items():
            meters.age.labels(board).set((datetime.now(UTC) - mark.cut_at).total_seconds())
    except DatabaseError:
        pass
    return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/version")
async def version() -> Response:
    """The version that runs."""
    return json_response({"version": __version__})

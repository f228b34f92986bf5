"""The demonstration: scrapers, a discoverer and users around a host that plays duels of a card game."""

from collections.abc import Sequence

from podium.client import Producer
from podium.demo import Bar, Step, Worker
from samples.duels.schedule import USERS, WISHES, clerk_id
from schema.replays.links import distinct

SCRAPERS = ("browser-1", "browser-2", "browser-3")
IMPORTS = ("samples.duels.wanted", "samples.duels.decks", "podium.client")


class Duels:
    """Jobs have ids of their own, so a second run meets those of the first, and all their pages scraped."""

    title = "three scrapers, one site: jobs of eleven users over the pages of 62 duels that programs play"
    domain = "replays"
    headline = "replays.players.all"

    def steps(self) -> Sequence[Step]:
        """Users, then the first job."""
        return (register, begin)

    def workers(self) -> Sequence[Worker]:
        """The host, the scrapers, the discoverer, and the users."""
        pages = len({url for wish in WISHES if not wish.cancelled for url in distinct(wish.links)})
        teams = sum(len(wish.teams) for wish in WISHES)
        return [
            Worker("host", "samples.duels.host", (), pages, IMPORTS),
            *(Worker(name, "samples.duels.scraper", (name,), pages, IMPORTS) for name in SCRAPERS),
            Worker("discoverer", "samples.duels.discoverer", (), teams, IMPORTS),
            Worker("users", "samples.duels.users", (), len(WISHES), IMPORTS),
        ]


def register(producer: Producer, bar: Bar) -> None:
    """Everybody who submits a job."""
    for user in USERS:
        producer.publish("replays.user.registered.v1", {"clerk_user_id": clerk_id(user)})


def begin(producer: Producer, bar: Bar) -> None:
    """The first job; the users' own process submits the others."""
    producer.publish("replays.job.submitted.v1", WISHES[0].event)


DEMO = Duels()

"""Which services each command asks for: no command refuses because of one that it does not use."""

from __future__ import annotations

KAFKA, POSTGRES = "kafka", "postgres"
BOTH = (KAFKA, POSTGRES)

NEEDS: dict[str, tuple[str, ...]] = {
    "board compare": (POSTGRES,),
    "board diff": (POSTGRES,),
    "board list": (POSTGRES,),
    "board show": (POSTGRES,),
    "board verify": BOTH,
    "board watch": (POSTGRES,),
    "config show": (),
    "db downgrade": (POSTGRES,),
    "db roles": (),
    "db shell": (POSTGRES,),
    "db status": (POSTGRES,),
    "db upgrade": (POSTGRES,),
    "db url": (POSTGRES,),
    "dead drop": BOTH,
    "dead list": (POSTGRES,),
    "dead redrive": BOTH,
    "dead show": (POSTGRES,),
    "demo": (),
    "down": (),
    "export": (POSTGRES,),
    "import": BOTH,
    "logs": (),
    "parked expire": BOTH,
    "parked list": (POSTGRES,),
    "patrol": BOTH,
    "publish": (KAFKA,),
    "rebuild": BOTH,
    "rebuild cancel": (POSTGRES,),
    "rebuild list": (POSTGRES,),
    "rebuild prune": (POSTGRES,),
    "rebuild runs": (POSTGRES,),
    "repair": BOTH,
    "run": BOTH,
    "schema accept": (),
    "schema docs": (),
    "schema export": (),
    "schema list": (),
    "schema show": (),
    "serve": (POSTGRES,),
    "status": (),
    "topics apply": (KAFKA,),
    "topics verify": (KAFKA,),
    "up": (),
    "verify": BOTH,
}
"""By the words of the command. `status` asks for both and says which is down; `demo` and `up` start them."""


def of(words: list[str]) -> tuple[str, ...]:
    """The services of a command; both for one that is not in the table."""
    return NEEDS.get(" ".join(words), BOTH)

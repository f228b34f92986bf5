"""python -m podium: the command, for processes that start further ones."""

from podium.cli.main import run

run()

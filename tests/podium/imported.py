"""Imports every command, for the process from which the commands of tests are forked."""

from importlib import import_module

from podium.cli.main import COMMANDS

for module in COMMANDS:
    import_module(f"podium.cli.{module}")

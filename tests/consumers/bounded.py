"""A consumer, a scorer or a whole command in a process of its own, whose memory has a limit and is measured."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LIMIT_BYTES = 512 * 1024 * 1024
"""What one process may have resident, at its worst."""
DATA_BYTES = 1_600 * 1024 * 1024
"""Backstop that ends a process that grows without bound; the unused stacks of its threads count too."""
SECONDS_MAX = 240


def peak_of(arguments: Sequence[str], work: Mapping[str, Any] | None = None) -> int:
    """Run a module with arguments and a document on its standard input, to its end; its greatest resident bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.consumers.bounded", *arguments],
        input=json.dumps(work or {}),
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    peak = int(done.stdout.splitlines()[-1].split()[1]) * 1024
    print(f"peak: {peak >> 20} MiB")
    return peak


def _consume(work: Mapping[str, Any]) -> None:
    from consumers.loop import Limits, fill
    from schema import DOMAINS, LEDGER

    domains = [domain for domain in (*DOMAINS, LEDGER) if domain.name in work["domains"]]
    until = {(topic, n): end for topic, n, end in work["until"]}
    fill(domains, work["kafka"], work["dsn"], until, namespace=work["namespace"], limits=Limits(dead_share_max=1.0))


def main() -> None:
    """Do the work and print VmHWM, which is the greatest resident size so far."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    _consume(json.load(sys.stdin))
    status = Path("/proc/self/status").read_text()
    print(next(line for line in status.splitlines() if line.startswith("VmHWM")))


if __name__ == "__main__":
    main()

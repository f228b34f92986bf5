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
    peak = int(done.stdout.splitlines()[-1])
    print(f"peak: {peak >> 20} MiB")
    return peak


def _consume(work: Mapping[str, Any]) -> None:
    from consumers.loop import Limits, fill
    from schema import DOMAINS, LEDGER

    domains = [domain for domain in (*DOMAINS, LEDGER) if domain.name in work["domains"]]
    until = {(topic, n): end for topic, n, end in work["until"]}
    fill(domains, work["kafka"], work["dsn"], until, namespace=work["namespace"], limits=Limits(dead_share_max=1.0))


def main() -> None:
    """Do the work and print the greatest resident size so far, in bytes."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    _consume(json.load(sys.stdin))
    print(_peak_bytes())


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    # Bytes where there is no /proc, as on macOS. Linux counts in it what the parent had before exec.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()

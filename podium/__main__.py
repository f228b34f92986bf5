"""The command `podium`, also as python -m podium."""

from podium import shadow
from podium.errors import Problem


def run() -> None:
    """Run the command. Ends with PD002 and nothing done if a package of another project has the name of one of ours."""
    try:
        shadow.check()
    except Problem as problem:
        # Plain text: the console, like everything else, imports `schema`.
        raise SystemExit(_refused(problem)) from None
    from podium.cli.main import run as command

    command()


def _refused(problem: Problem) -> int:
    import json
    import sys

    if "--json" in sys.argv:
        print(json.dumps({"error": problem.what, "code": problem.code, "remedy": problem.remedy}))
    print(problem, file=sys.stderr)
    return problem.exit_code


if __name__ == "__main__":
    run()

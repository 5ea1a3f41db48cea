"""The `ieum` command. Every sub-command is a module of `client.commands`; only the one asked for is imported.

A command module has `HELP`, `add_arguments(parser)` and `run(arguments) -> exit code`. Exit codes: 0 done, 1 it was
tried and failed, 2 the call or a setting is wrong, 3 something is missing on this machine (the message says what to do).
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from client import __version__
from client.domain.codec import BadInput

COMMANDS = {
    "desk": "the agent's window",
    "hub": "the server half, alone",
    "engine": "one engine, as the desk starts it",
    "caption": "captions of sound files",
    "models": "list, install and verify recognition models",
    "practice": "a practice citizen calls in",
    "doctor": "check this machine and say what to do",
    "demo": "a whole session on real parts, by itself",
    "bench": "measure",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="ieum", description="Ieum, the agent desktop of a public contact centre")
    parser.add_argument("--version", action="version", version=f"ieum {__version__}")
    chosen = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((word for word in arguments if not word.startswith("-")), None)
    for name, text in COMMANDS.items():
        sub = chosen.add_parser(name, help=text, description=text)
        if name == named:
            module = importlib.import_module(f"client.commands.{name}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    parsed = parser.parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except BadInput as error:
        print(f"ieum: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())

"""An engine for tests of the link and the server: answers, tells, publishes what it is asked to."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from client.domain.call import Tone
from client.engines.server import EngineRefusal, EngineServer


class EchoEngine:
    def __init__(self) -> None:
        self.server: EngineServer | None = None
        self.told: list[str] = []

    async def request(self, op, args):
        match op:
            case "echo":
                return args
            case "tell":
                self.told.append(args["digit"])
                self.server.tell(Tone(call=args.get("call", "c"), digit=args["digit"]))
                return None
            case "pcm":
                self.server.publish_pcm(args["leg"], args["sample"], bytes.fromhex(args["pcm"]))
                return None
            case "end":
                self.server.end_leg(args["leg"])
                return None
            case "break":
                raise ZeroDivisionError("inside")
        raise EngineRefusal(f"{op} is not known")

    def snapshot(self):
        return [Tone(call="snapshot", digit=str(len(self.told)))]

    async def stop(self):
        return None


async def run(endpoint: Path, keep_s: float) -> None:
    engine = EchoEngine()
    engine.server = EngineServer(endpoint, engine, keep_s=keep_s)
    await engine.server.serve()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", type=Path)
    parser.add_argument("--keep", type=float, default=30.0)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.endpoint, chosen.keep))

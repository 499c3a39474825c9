"""`python -m sandbox`: prints one line when it listens, and ends with 0 on SIGTERM or SIGINT."""

import argparse
import asyncio
import signal
import socket
from functools import partial
from pathlib import Path

import uvloop
from aiohttp import web

from sandbox.discord.oauth.asked import LOOPBACK
from sandbox.server import GUILDS_BY_LETTER, Sandbox, build_application, build_community_of, build_sandbox
from sandbox.state import keep_state, read_state, write_state


def main() -> None:
    """Reads the arguments and serves until told to stop."""
    uvloop.run(_serve(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="A Discord that fits in one process.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same world")
    parser.add_argument("--scenario", choices=("community", "small", "empty"), default="small")
    parser.add_argument("--public-url", help="the address that links are made with; else the one it listens on")
    parser.add_argument("--talk", type=float, metavar="SECONDS", help="keep talking: mean seconds between messages")
    parser.add_argument("--redirect-uri", action="append", metavar="PATTERN", help="where OAuth may answer to")
    parser.add_argument("--installed", type=_letters, default=(), help="where the bot is already, such as A,B")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the world here from one run to the next")
    return parser.parse_args()


def _letters(written: str) -> tuple[str, ...]:
    letters = tuple(part.strip().upper() for part in written.split(",") if part.strip())
    if unknown := [letter for letter in letters if letter not in GUILDS_BY_LETTER]:
        raise argparse.ArgumentTypeError(f"no such server: {', '.join(unknown)} (there are A, B, C)")
    return letters


async def _serve(arguments: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    listener = _listener(arguments.port)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sandbox = _kept_or_new(arguments)
    sandbox.world.public_url = (arguments.public_url or address).rstrip("/")
    patterns = tuple(arguments.redirect_uri or (LOOPBACK,))
    app = build_application(sandbox, redirect_patterns=patterns, talk_seconds=arguments.talk)
    if arguments.state is not None:
        keep_state(app, partial(write_state, arguments.state, sandbox.world, arguments.scenario, sandbox.built_at))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(f"sandbox ready {address}", flush=True)
    try:
        await stopping.wait()
    finally:
        await runner.cleanup()


def _kept_or_new(arguments: argparse.Namespace) -> Sandbox:
    kept = read_state(arguments.state, arguments.seed, arguments.scenario) if arguments.state is not None else None
    if kept is None:
        return build_sandbox(arguments.seed, arguments.scenario, arguments.installed)
    return Sandbox(kept.world, build_community_of(arguments.scenario, arguments.seed, kept.built_at), kept.built_at)


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


if __name__ == "__main__":
    main()

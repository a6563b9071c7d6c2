"""Stand between the gateway and the simulator, and note when each placement leaves the gateway.

A simulator that has much to do notes an order when it gets to it, seconds after it was sent. This process does nothing
but pass bytes on: ``python -m bench.wire_clock --port 1 --target 2 --file times``.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.serving import SimulatorHandle, listens
from tests.support.ports import reserve_port
from tests.support.processes import started, wait_for_start

PLACEMENT: Final = b'"place_order"'
CHUNK: Final = 65_536


@contextlib.contextmanager
def timed_wire(simulator: SimulatorHandle, folder: Path) -> Iterator[Path]:
    """Put it between the simulator and the gateways that start from now on; give the file of the times."""
    target, port, file = int(simulator.base_url.rpartition(":")[2]), reserve_port(), folder / "departures"
    file.touch()
    command = [sys.executable, "-m", "bench.wire_clock", "--port", str(port), "--target", str(target)]
    with started([*command, "--file", str(file)], folder / "wire.log") as process:
        wait_for_start(process, folder / "wire.log", lambda: listens("127.0.0.1", port))
        for properties in simulator.folder.glob("credentials/*/*config*.properties"):
            text = properties.read_text()
            properties.write_text(text.replace(f"127.0.0.1:{target}", f"127.0.0.1:{port}"))
        yield file


def read_departures(file: Path) -> list[float]:
    """Return when each placement left (epoch seconds), oldest first."""
    return sorted(map(float, file.read_text().split()))


async def serve(port: int, target: int, file: Path) -> None:
    """Pass on what comes, for ever."""
    with file.open("a", buffering=1) as times:

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_asking: bool) -> None:
            rest = b""
            with contextlib.suppress(OSError):
                while chunk := await reader.read(CHUNK):
                    now, seen = time.time(), rest + chunk
                    if is_asking:
                        times.write(f"{now}\n" * seen.count(PLACEMENT))
                        # One that is split is seen with the next part, and none is seen twice.
                        rest = seen[-len(PLACEMENT) + 1 :]
                    writer.write(chunk)
            writer.close()

        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                its_reader, its_writer = await asyncio.open_connection("127.0.0.1", target)
            except OSError:
                writer.close()
                return
            await asyncio.gather(carry(reader, its_writer, is_asking=True), carry(its_reader, writer, is_asking=False))

        server = await asyncio.start_server(connect, "127.0.0.1", port, backlog=1_024)
        await server.serve_forever()


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    given = parser.parse_args()
    with contextlib.suppress(OSError):
        # It measures the others, and must not wait for them.
        os.nice(-10)
    asyncio.run(serve(given.port, given.target, given.file))


if __name__ == "__main__":
    main()

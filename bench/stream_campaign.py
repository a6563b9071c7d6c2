"""Run the campaign of the streams and print its table: ``python -m bench.stream_campaign --orders 7000``.

Programs trade through the gateway and past it while clients listen, each resuming where it was cut off; every two
seconds a client, a worker or the elected worker is killed, and Tiger's push is cut or falls silent in turns. Ends with
1 where a client missed an event without being told so, or an order's end was never told; with
``--without-comparison``, where none did.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.streaming.campaign import CALM_SECONDS, FORGETFUL, HARM_SECONDS, SAFE, Campaign, Result, run

MOST_CULPRITS = 10


def render(campaign: Campaign, result: Result) -> str:
    """Return the table of a campaign, and what is known of each fault."""
    verdict = result.verdict
    lags = sorted(result.lags) or [0.0]
    harm = ", ".join(f"{count} x {name}" for name, count in sorted(result.harm.items()))
    sources = ", ".join(f"{count} x {name}" for name, count in sorted(verdict.sources.items()))
    rows = [
        ("seed", campaign.seed),
        ("instances x workers", f"{campaign.instances} x {campaign.workers // campaign.instances}"),
        ("database", "PostgreSQL" if campaign.database_url else "SQLite"),
        ("gateway", campaign.gateway),
        ("orders", campaign.orders),
        ("orders that failed", result.failures),
        ("clients", campaign.clients),
        ("connections of clients", result.connections),
        ("befell", harm),
        ("seconds between misfortunes", f"{campaign.harm_seconds:g}"),
        ("seconds", f"{result.seconds:.0f}"),
        ("events", f"{verdict.events} ({sources})"),
        ("events told to clients", verdict.told),
        ("gaps told", verdict.gaps),
        ("told twice", verdict.doubled),
        ("told out of order", verdict.disordered),
        ("missed without a gap", verdict.missing),
        ("ends of orders never told", verdict.lost_orders),
        ("ends of orders told twice", verdict.doubled_ends),
        ("fills never told", verdict.lost_fills),
        ("seconds from row to client", f"median {statistics.median(lags):.3f}, p99 {lags[int(len(lags) * 0.99)]:.3f}"),
        ("verdict", "each event once and in order" if verdict.is_good else "FAILED"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([f"{name:<{width}}  {value}" for name, value in rows] + verdict.culprits[:MOST_CULPRITS])


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=7_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("--pause-seconds", type=float, default=0.1, help="of a trader after an order, on average")
    parser.add_argument("--harm-seconds", type=float, default=HARM_SECONDS, help="between two misfortunes")
    parser.add_argument("--calm-seconds", type=float, default=CALM_SECONDS, help="for everything to be told after them")
    parser.add_argument("--database-url", help="a PostgreSQL server; SQLite unless given")
    parser.add_argument("--without-comparison", action="store_true", help="losses are to be found")
    chosen = parser.parse_args()
    campaign = Campaign(
        chosen.seed,
        chosen.orders,
        chosen.clients,
        chosen.workers,
        chosen.instances,
        pause_seconds=chosen.pause_seconds,
        calm_seconds=chosen.calm_seconds,
        harm_seconds=chosen.harm_seconds,
        database_url=chosen.database_url,
    )
    if chosen.without_comparison:
        campaign = replace(campaign, gateway=FORGETFUL)
    folder = tempfile.mkdtemp(prefix="tiger-rest-streams-")
    result = run(campaign, Path(folder), lambda line: print(line, flush=True))
    print(render(campaign, result), flush=True)
    is_safe = campaign.gateway == SAFE
    if result.verdict.is_good or not is_safe:
        shutil.rmtree(folder)
    else:
        print(f"logs and database: {folder}", flush=True)
    return 0 if result.verdict.is_good == is_safe else 1


if __name__ == "__main__":
    sys.exit(main())

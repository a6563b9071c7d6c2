"""The official client of the handshake era: reads what to call, prints what it was given."""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def main() -> None:
    asked = json.load(sys.stdin)
    headers = {"Authorization": f"Bearer {asked['key']}"}
    async with (
        streamablehttp_client(asked["url"], headers=headers) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        opened = await session.initialize()
        listed = await session.list_tools()
        results = [await session.call_tool(name, arguments) for name, arguments in asked["calls"]]
        told = {
            "version": opened.protocolVersion,
            "tools": [tool.name for tool in listed.tools],
            "results": [[result.isError, result.structuredContent] for result in results],
        }
    json.dump(told, sys.stdout)


asyncio.run(main())

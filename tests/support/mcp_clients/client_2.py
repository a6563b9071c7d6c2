"""The official client of the stateless era: reads what to call, prints what it was given."""

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main() -> None:
    asked = json.load(sys.stdin)
    headers = {"Authorization": f"Bearer {asked['key']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(asked["url"], http_client=http)) as client,
    ):
        listed = await client.list_tools()
        results = [await client.call_tool(name, arguments) for name, arguments in asked["calls"]]
        told = {
            "version": client.session.protocol_version,
            "tools": [tool.name for tool in listed.tools],
            "results": [[result.is_error, result.structured_content] for result in results],
        }
    json.dump(told, sys.stdout)


asyncio.run(main())

"""Applications that have a gateway mounted in them."""

from flask import Flask

from app.embedding import TigerRest


def close(host: Flask, tiger: TigerRest) -> None:
    """Close the gateway of this process that a host has mounted."""
    with host.app_context():
        tiger.gateway.close()

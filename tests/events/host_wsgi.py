"""A host application with the gateway mounted in it, for servers that take a module."""

from flask import Flask

from app.embedding import TigerRest

host = Flask("host")
TigerRest(host, url_prefix="/tiger", settings={})

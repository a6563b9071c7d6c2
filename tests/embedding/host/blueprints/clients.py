"""The host's own routes."""

from flask import Blueprint, abort, jsonify, request
from schemas.client import ClientSchema

clients = Blueprint("clients", __name__, url_prefix="/clients")


@clients.get("/")
def show():
    return jsonify(ClientSchema().dump({"name": "Ada", "zone": "UTC"}))


@clients.post("/")
def add():
    return jsonify(received=request.get_json()), 201


@clients.get("/secret")
def secret():
    abort(403)


@clients.get("/broken")
def broken():
    raise RuntimeError("the host's own trouble")

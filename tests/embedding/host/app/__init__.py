"""A host application as others write them: packages of the same names, its own errors, CORS, database and scheduler."""

import os
from pathlib import Path

from blueprints.clients import clients
from flask import Flask, g, jsonify
from flask_apscheduler import APScheduler
from flask_cors import CORS

from app.storage import open_database


def create_host(folder: Path) -> Flask:
    """Build the host; it knows nothing of Tiger."""
    host = Flask(__name__, instance_path=str(folder / "instance"))
    host.config.update(MAX_CONTENT_LENGTH=100, SECRET_KEY="the host's own", SCHEDULER_API_ENABLED=False)  # noqa: S106
    host.engine = open_database(folder / "host.db")
    CORS(host, origins=["https://host.example"], resources=r"/clients*")
    scheduler = APScheduler()
    scheduler.init_app(host)

    @host.before_request
    def remember_who():
        # Names that a gateway might keep in g as well.
        g.account, g.request_id, g.gateway, g.identity, g.payload = object(), 7, "host", "visitor", ["of the host"]

    @host.errorhandler(404)
    def missing(_error):
        return "<h1>The host has no such page</h1>", 404

    @host.errorhandler(413)
    def large(_error):
        return "<h1>Too large for the host</h1>", 413

    @host.errorhandler(Exception)
    def failed(error):
        return jsonify(host_error=type(error).__name__), 500

    @host.get("/api/accounts")
    def accounts():
        return jsonify(of="the host", who=g.identity, environment=len(os.environ))

    host.register_blueprint(clients)
    return host

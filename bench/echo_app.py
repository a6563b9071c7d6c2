"""The ceiling: a Flask application that gives a JSON body back, and does nothing else."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/echo")
def echo() -> Response:
    """Return the body."""
    return jsonify(request.get_json())

"""Answers of the system endpoints."""

from marshmallow import fields

from schemas.answers.fields import Answer, Further, flag, text, texts, written_moment

MODES = ("live", "simulator")


class HealthAnswer(Answer):
    """How the service is and what it offers, without an envelope."""

    status = text("Degraded while something needs attention.", nullable=False, choices=("healthy", "degraded"))
    service = text("The name of the service.", nullable=False)
    version = text("The release of the gateway.", nullable=False)
    timestamp = written_moment("When this was answered", nullable=False)
    features = texts("What the service offers, in words.")
    mode = text("What is at the other end: Tiger, or the simulator.", nullable=False, choices=MODES)


class LiveAnswer(Answer):
    """The word that the process answers, without an envelope."""

    status = text("Always healthy.", nullable=False, choices=("healthy",))


class ReadinessAnswer(Answer):
    """Whether requests can be served, without an envelope."""

    ready = flag("Whether requests can be served.", nullable=False)
    status = text("Degraded while something needs attention.", nullable=False, choices=("ready", "degraded", "unready"))
    reasons = texts("Why not, one sentence each.")
    warnings = texts("What needs attention, one sentence each.")
    mode = text("What is at the other end: Tiger, or the simulator.", nullable=False, choices=MODES)
    timestamp = written_moment("When this was answered", nullable=False)


class EndpointsAnswer(Answer):
    """Every endpoint as "METHOD /path", by category; a plugin's category appears by itself."""

    further = Further(fields.List(fields.String()))

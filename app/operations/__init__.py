"""What operators and monitors ask: health, readiness, the list of endpoints, metrics, the doctor.

These only look. Nothing that a request for a client needs may enter here.
"""

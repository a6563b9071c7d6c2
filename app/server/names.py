"""What our worker adds to the WSGI environment, for the application to read."""

ARRIVED_AT = "tiger_rest.arrived_at"
"""When the request was here as a whole (monotonic seconds)."""
REFUSAL = "tiger_rest.refusal"
"""Status and sentence for a request that could not be read: the application answers it as its other errors."""
SERVES_STREAMS = "tiger_rest.serves_streams"
"""There where a ``Stream`` that is answered holds no thread: our worker's loop writes it."""

"""Count what every process of one gateway does, in files that any of them can add up.

The files are those of prometheus_client's multiprocess mode, but the folder is told to it, so no environment variable
is read or set, and two gateways in one process count apart. What the database knows (the journal, tokens, the lead) is
not counted here: it is read when somebody asks. Nothing in this room ever makes a request fail.
"""

from app.operations.metrics.counters import Metrics as Metrics

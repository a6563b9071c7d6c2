"""Tiger's push protocol: addresses, frames, requests, and what is pushed as values of our own.

Of the SDK only the classes of messages are used, and how it signs. Here is no socket, no thread and no state.
"""

import importlib
import os
from typing import Final

_SWITCH: Final = "TEMORARILY_DISABLE_PROTOBUF_VERSION_CHECK"

# The SDK sets a variable of the environment, which is the host's, for its messages to be imported; these two bring all.
_before = os.environ.get(_SWITCH)
for _name in ("Request_pb2", "Response_pb2"):
    importlib.import_module(f"tigeropen.push.pb.{_name}")
if _before is None:
    os.environ.pop(_SWITCH, None)

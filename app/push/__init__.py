"""One connection to Tiger's push service for each tiger_id, held by the elected worker, and shared by all who listen.

``PushHub`` is all that others use: it counts who wants what, and tells what came, what may have been missed, and how
each connection stands. What an event means for an order, and how it reaches a client, is not known here.
"""

from app.push.events import AccountEvent as AccountEvent
from app.push.events import Gap as Gap
from app.push.events import PushState as PushState
from app.push.events import QuoteEvent as QuoteEvent
from app.push.events import Refusal as Refusal
from app.push.hub import PushHub as PushHub
from app.push.interests import Interest as Interest

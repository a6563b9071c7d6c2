"""What is followed, as one text that processes give each other."""

from dataclasses import dataclass

from app.tiger.identification import get_instrument
from app.tiger.instrument import Instrument
from app.tiger.push.feeds import Feed


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of data about an instrument, as a tiger_id sees it."""

    tiger_id: str
    feed: Feed
    instrument: Instrument

    @property
    def key(self) -> str:
        """Return the item as a text."""
        return f"{self.tiger_id}/{self.feed}/{self.instrument.sec_type}/{self.instrument.identifier}"


def read_item(key: str) -> Item:
    """Return the item that a text stands for.

    Raises:
        ValueError: It stands for none.
    """
    tiger_id, feed, sec_type, name = key.split("/", 3)
    return Item(tiger_id, Feed(feed), get_instrument(name, sec_type))

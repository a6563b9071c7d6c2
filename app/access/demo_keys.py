"""The documented demo keys, valid in simulator mode and nowhere else."""

from collections.abc import Mapping
from types import MappingProxyType

from app.access.permissions import Identity, Permission

DEMO_KEYS: Mapping[str, Identity] = MappingProxyType(
    {
        "client_key_001": Identity(
            key_id="demo-full-access",
            name="Full Access Client",
            accounts=frozenset({"67686635", "66804149", "20240830213609658"}),
            permissions=frozenset(Permission),
        ),
        "client_key_demo": Identity(
            key_id="demo-only",
            name="Demo Only Client",
            accounts=frozenset({"20240830213609658"}),
            permissions=frozenset({Permission.READ, Permission.TRADE}),
        ),
    }
)

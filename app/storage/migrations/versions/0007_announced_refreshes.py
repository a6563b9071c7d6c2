"""Keep when a refresh was announced, by the clock of all who share the database."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TOKENS = "tiger_rest_tokens"


def upgrade() -> None:
    """Add the moment; of a refresh that is under way it is not known."""
    op.add_column(TOKENS, sa.Column("announced_at", sa.BigInteger))


def downgrade() -> None:
    """Drop it: each process counts from its own first look again."""
    op.drop_column(TOKENS, "announced_at")

"""Let the kinds of order commands have longer names."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COMMANDS = "tiger_rest_order_commands"


def upgrade() -> None:
    """Widen the column; SQLite keeps no length."""
    _set_length(16)


def downgrade() -> None:
    """Forget the commands whose kind did not fit."""
    commands = sa.table(COMMANDS, sa.column("kind", sa.String))
    op.execute(commands.delete().where(sa.func.length(commands.c.kind) > 8))  # noqa: PLR2004 - as it was.
    _set_length(8)


def _set_length(length: int) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(COMMANDS, "kind", type_=sa.String(length), existing_nullable=False)

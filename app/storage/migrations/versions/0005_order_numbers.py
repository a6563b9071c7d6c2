"""Let a refused order's number be used again, and keep each order's time by Tiger's own clock."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COMMANDS = "tiger_rest_order_commands"
LEARNED = "tiger_rest_learned_refusals"
NUMBER = "ix_tiger_rest_order_commands_account_order_number"
UNIQUE_NUMBER = "uq_tiger_rest_order_commands_account_order_number"
CLAIM = "uq_tiger_rest_order_commands_account_number_claim"


def upgrade() -> None:
    """Move the uniqueness of order numbers to a column of its own, empty where an order was refused."""
    op.add_column(COMMANDS, sa.Column("number_claim", sa.BigInteger))
    op.add_column(COMMANDS, sa.Column("sent_by_tiger", sa.BigInteger))
    commands = sa.table(COMMANDS, sa.column("number_claim"), sa.column("order_number"), sa.column("state"))
    is_held = commands.c.state.not_in(("rejected", "denied"))
    op.execute(commands.update().where(is_held).values(number_claim=commands.c.order_number))
    op.drop_index(UNIQUE_NUMBER, COMMANDS)
    _index(NUMBER, "order_number")
    _index(CLAIM, "number_claim", unique=True)
    op.create_table(
        LEARNED,
        sa.Column("account", sa.String(32), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("learned_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", "market", "subject", name=f"pk_{LEARNED}"),
    )


def downgrade() -> None:
    """Keep of the commands that share a number the one that holds it."""
    op.drop_table(LEARNED)
    commands = sa.table(COMMANDS, sa.column("number_claim"), sa.column("order_number"))
    op.execute(commands.update().values(order_number=commands.c.number_claim))
    op.drop_index(CLAIM, COMMANDS)
    op.drop_index(NUMBER, COMMANDS)
    _index(UNIQUE_NUMBER, "order_number", unique=True)
    op.drop_column(COMMANDS, "sent_by_tiger")
    op.drop_column(COMMANDS, "number_claim")


def _index(name: str, column: str, *, unique: bool = False) -> None:
    where = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, COMMANDS, ["account", column], unique=unique, sqlite_where=where, postgresql_where=where)

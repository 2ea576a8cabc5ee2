"""partners named, calls with nearly the same text"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.add_column(sa.Column('named', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('group_id', sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.drop_column('group_id')
        batch_op.drop_column('named')

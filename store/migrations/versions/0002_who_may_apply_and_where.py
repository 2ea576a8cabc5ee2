"""who may apply and where"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('funding_rate', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('countries', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('regions', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('applicants', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('documents', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('published', sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('call', schema=None) as batch_op:
        batch_op.drop_column('published')
        batch_op.drop_column('documents')
        batch_op.drop_column('applicants')
        batch_op.drop_column('regions')
        batch_op.drop_column('countries')
        batch_op.drop_column('funding_rate')

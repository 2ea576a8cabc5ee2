"""runs can be deleted without a look at all versions"""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('call_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_version_run_id'), ['run_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('call_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_version_run_id'))

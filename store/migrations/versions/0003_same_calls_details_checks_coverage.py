"""same calls, details read, checks, coverage"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('detail_read',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source_key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('row_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_detail_read')),
    sa.UniqueConstraint('source', 'source_key', name=op.f('uq_detail_read_source_source_key'))
    )
    op.create_table('source_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('checked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('robots_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('terms_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_check'))
    )
    with op.batch_alter_table('source_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_source_check_source'), ['source'], unique=False)

    op.create_table('same_call',
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('face_id', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('evidence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_same_call_call_id_call')),
    sa.ForeignKeyConstraint(['face_id'], ['call.id'], name=op.f('fk_same_call_face_id_call')),
    sa.PrimaryKeyConstraint('call_id', name=op.f('pk_same_call'))
    )
    with op.batch_alter_table('same_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_same_call_face_id'), ['face_id'], unique=False)

    with op.batch_alter_table('crawl_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('records', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('coverage', sa.JSON(), nullable=False, server_default='{}'))



def downgrade() -> None:
    with op.batch_alter_table('crawl_run', schema=None) as batch_op:
        batch_op.drop_column('coverage')
        batch_op.drop_column('records')

    with op.batch_alter_table('same_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_same_call_face_id'))

    op.drop_table('same_call')
    with op.batch_alter_table('source_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_source_check_source'))

    op.drop_table('source_check')
    op.drop_table('detail_read')

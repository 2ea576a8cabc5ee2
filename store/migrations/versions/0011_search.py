"""what lists of calls are found by: words, spans of time, areas of matches

Both engines fill `match_area` by a trigger. On SQLite a batch operation that makes `match` anew loses it.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

SQLITE = [
    """CREATE VIRTUAL TABLE call_text USING fts5(
        names, body, content_hash UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')""",
    """CREATE TRIGGER match_areas AFTER INSERT ON match BEGIN
        INSERT OR IGNORE INTO match_area (match_id, area)
        SELECT NEW.id, json_extract(value, '$.id') FROM json_each(NEW.areas);
    END""",
    """INSERT OR IGNORE INTO match_area (match_id, area)
        SELECT m.id, json_extract(value, '$.id') FROM match AS m, json_each(m.areas)""",
]
POSTGRESQL = [
    """CREATE TABLE call_text (
        call_id INTEGER CONSTRAINT pk_call_text PRIMARY KEY
            CONSTRAINT fk_call_text_call_id_call REFERENCES call (id),
        content_hash TEXT NOT NULL,
        words TSVECTOR NOT NULL)""",
    "CREATE INDEX ix_call_text_words ON call_text USING gin (words)",
    """CREATE FUNCTION write_match_areas() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO match_area (match_id, area)
        SELECT added.id, area ->> 'id' FROM added, json_array_elements(added.areas) AS area
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER match_areas AFTER INSERT ON match REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION write_match_areas()""",
    """INSERT INTO match_area (match_id, area)
        SELECT match.id, area ->> 'id' FROM match, json_array_elements(match.areas) AS area
        ON CONFLICT DO NOTHING""",
]


def upgrade() -> None:
    op.create_table('call_span',
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.Column('until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('live', sa.Boolean(), nullable=False),
    sa.Column('dated', sa.Boolean(), nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('programme', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('languages', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('euro_cents', sa.BigInteger(), nullable=True),
    sa.Column('first_seen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_span_call_id_call')),
    sa.PrimaryKeyConstraint('call_id', 'until', name=op.f('pk_call_span')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_call_span_programme'), 'call_span', ['programme'])
    op.create_table('match_area',
    sa.Column('match_id', sa.Integer(), nullable=False),
    sa.Column('area', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_match_area_match_id_match'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('match_id', 'area', name=op.f('pk_match_area')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_match_organisation_score_verdict_call_id'), 'match', ['organisation', 'score', 'verdict', 'call_id'])
    op.create_table('call_to_index',
    sa.Column('call_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_to_index_call_id_call')),
    sa.PrimaryKeyConstraint('call_id', name=op.f('pk_call_to_index'))
    )
    for statement in SQLITE if op.get_bind().dialect.name == 'sqlite' else POSTGRESQL:
        op.execute(statement)
    op.execute('INSERT INTO call_to_index (call_id) SELECT id FROM call')


def downgrade() -> None:
    op.execute('DROP TRIGGER match_areas' + ('' if op.get_bind().dialect.name == 'sqlite' else ' ON match'))
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('DROP FUNCTION write_match_areas')
    op.drop_table('call_text')
    op.drop_table('call_to_index')
    op.drop_index(op.f('ix_match_organisation_score_verdict_call_id'), 'match')
    op.drop_table('match_area')
    op.drop_table('call_span')

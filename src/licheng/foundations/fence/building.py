"""Policies and privileges, made by the owner of the tables after every migration; made twice they stay."""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from licheng.foundations.fence.policies import Fenced, fenced_tables

POLICY, READING = "school_fence", "school_fence_reading"
READ_ONLY = ("audit_auditlink", "audit_audithead", "audit_auditpending", "django_migrations")
INSERT_ONLY = ("audit_auditentry", "audit_auditanchor")
KNOWN = """
    SELECT c.relname, CASE WHEN c.relrowsecurity THEN obj_description(p.oid, 'pg_policy') END
    FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = %s
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
WHO = """
    SELECT r.rolsuper OR r.rolbypassrls OR r.rolname = current_user
        OR EXISTS (
            SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace
        )
    FROM pg_roles r WHERE r.rolname = %s
"""


class WrongRole(RuntimeError):
    """The application's role does not exist, or the fence would not hold it."""


def build(role: str = "") -> int:
    """Put every table behind the fence, give the application its privileges; how many policies are new.

    Raises WrongRole when the role is missing, a superuser or the owner; Unfenced for tables that nobody
    decided about.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        made = _policies(cursor, fenced_tables())
        if role:
            _refuse_wrong(cursor, role)
            _grant(cursor, role)
    return made


def _policies(cursor: CursorWrapper, wanted: list[Fenced]) -> int:
    cursor.execute(KNOWN, [POLICY])
    known = dict(cursor.fetchall())
    there = [fenced for fenced in wanted if fenced.table in known]  # others come with a later migration
    new = [fenced for fenced in there if known[fenced.table] != fenced.mark]
    for fenced in new:
        table, name = sql.Identifier(fenced.table), sql.Identifier(POLICY)
        for statement in (
            sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table),
            sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(name, table),
            sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(READING), table),
            sql.SQL("CREATE POLICY {} ON {} USING ({})").format(name, table, sql.SQL(fenced.condition)),
            sql.SQL("COMMENT ON POLICY {} ON {} IS {}").format(name, table, sql.Literal(fenced.mark)),
        ):
            cursor.execute(statement)
        if fenced.is_read_by_all:
            reading = sql.SQL("CREATE POLICY {} ON {} FOR SELECT USING (true)")
            cursor.execute(reading.format(sql.Identifier(READING), table))
    return len(new)


def _refuse_wrong(cursor: CursorWrapper, role: str) -> None:
    cursor.execute(WHO, [role])
    found = cursor.fetchone()
    if found is None:
        raise WrongRole(f"資料庫沒有「{role}」這個角色。 There is no role {role} in the database.")
    if found[0]:
        raise WrongRole(
            f"「{role}」是超級使用者或資料表的擁有者，列級安全對它無效。"
            f" Row-level security does not hold {role}."
        )


def _grant(cursor: CursorWrapper, role: str) -> None:
    """Read and write, never change the tables; acts can be added and read, their chain can only be read."""
    who = sql.Identifier(role)
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    there = {name for (name,) in cursor.fetchall()}
    statements = [
        "GRANT USAGE ON SCHEMA public TO {who}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}",
    ]
    limited = [(table, "INSERT, UPDATE, DELETE, TRUNCATE") for table in READ_ONLY]
    limited += [(table, "UPDATE, DELETE, TRUNCATE") for table in INSERT_ONLY]
    for statement in statements:
        cursor.execute(sql.SQL(statement).format(who=who))
    for table, taken in limited:
        if table in there:
            words = sql.SQL("REVOKE {} ON {} FROM {}")
            cursor.execute(words.format(sql.SQL(taken), sql.Identifier(table), who))

"""Triggers that note every row a roster writes, while `licheng.roster_import` names the import.

They fire once for a statement, not for a row: 100,000 marks cost two statements.
"""

from django.db import migrations

# Tables that rosters write, with the column that is their key.
TABLES = {
    "accounts_user": "id",
    "people_person": "id",
    "people_student": "person_id",
    "people_classgroup": "id",
    "people_rolegrant": "id",
    "people_guardiancontact": "id",
    "records_course": "id",
    "records_offering": "id",
    "records_offering_teachers": "id",
    "records_offering_co_teachers": "id",
    "records_enrolment": "id",
    "records_coursemark": "id",
    "records_studentterm": "id",
    "records_borrowedstudy": "id",
    "records_cadrerecord": "id",
}
NOTE = """
CREATE FUNCTION rosters_note_changes() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    standing text := current_setting('licheng.roster_import', true);
    at_school bigint;
    roster uuid;
BEGIN
    IF standing IS NULL OR standing = '' THEN
        RETURN NULL;
    END IF;
    at_school := split_part(standing, ':', 1)::bigint;
    roster := split_part(standing, ':', 2)::uuid;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format($do$
            INSERT INTO rosters_rosterchange
                (school_id, roster_import_id, act, table_name, row_key, after_digest)
            SELECT $1, $2, 'added', %L, r.%I, hashtextextended(r::text, 0) FROM new_rows r
        $do$, TG_TABLE_NAME, TG_ARGV[0]) USING at_school, roster;
    ELSIF TG_OP = 'DELETE' THEN
        EXECUTE format($do$
            INSERT INTO rosters_rosterchange
                (school_id, roster_import_id, act, table_name, row_key, before)
            SELECT $1, $2, 'removed', %L, r.%I, to_jsonb(r) FROM old_rows r
        $do$, TG_TABLE_NAME, TG_ARGV[0]) USING at_school, roster;
    ELSE
        EXECUTE format($do$
            INSERT INTO rosters_rosterchange
                (school_id, roster_import_id, act, table_name, row_key, before, after)
            SELECT $1, $2, 'changed', %L, n.%I, d.before, d.after
            FROM old_rows o JOIN new_rows n ON n.%I = o.%I AND n IS DISTINCT FROM o
            CROSS JOIN LATERAL (
                SELECT jsonb_object_agg(was.key, was.value) AS before,
                       jsonb_object_agg(was.key, now.value) AS after
                FROM jsonb_each(to_jsonb(o)) was
                JOIN jsonb_each(to_jsonb(n)) now ON now.key = was.key AND now.value IS DISTINCT FROM was.value
            ) d
        $do$, TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[0], TG_ARGV[0]) USING at_school, roster;
    END IF;
    RETURN NULL;
END
$body$
"""
WATCH = """
CREATE TRIGGER rosters_note_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rosters_note_changes('{key}');
CREATE TRIGGER rosters_note_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rosters_note_changes('{key}');
CREATE TRIGGER rosters_note_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rosters_note_changes('{key}');
"""
UNWATCH = """
DROP TRIGGER rosters_note_insert ON {table};
DROP TRIGGER rosters_note_update ON {table};
DROP TRIGGER rosters_note_delete ON {table};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rosters", "0001_initial"),
        ("records", "0003_marks_and_terms"),
        ("people", "0003_pass_marks_and_contacts"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(NOTE, "DROP FUNCTION rosters_note_changes()"),
        *(
            migrations.RunSQL(WATCH.format(table=table, key=key), UNWATCH.format(table=table))
            for table, key in TABLES.items()
        ),
    ]

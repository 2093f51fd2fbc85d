"""How the name of a subject is found: by the characters and pairs of characters in it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField


class NameGrams(Func):
    """The single characters and pairs of neighbours of a text, as the column beside a name holds them.

    Words of two characters are the rule in Chinese and too short for groups of three. Width, case and 台／臺
    are one; spaces and punctuation part words. The function is made by the migration that makes the column.
    """

    function = "plan_name_grams"
    output_field: ClassVar = ArrayField(TextField())


MAKE_FUNCTION = """
CREATE FUNCTION plan_name_grams(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(word, start, length)), '{}')
    FROM regexp_split_to_table(
            lower(translate(normalize(name, NFKC), '台', '臺')), '[[:space:][:punct:]]+'
        ) AS word,
        generate_series(1, 2) AS length,
        generate_series(1, char_length(word) - length + 1) AS start
$$
"""
DROP_FUNCTION = "DROP FUNCTION plan_name_grams(text)"

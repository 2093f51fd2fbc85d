"""The second fence between schools: row-level security of PostgreSQL, behind the rules.

Every connection stands somewhere: at one school, nowhere, or everywhere. For it, rows of other schools are
not there.
Importable by everybody; knows no app but the names of tables.
"""

from licheng.foundations.fence.entering import enter, enter_by_code, everywhere, inside, leave

__all__ = ["enter", "enter_by_code", "everywhere", "inside", "leave"]

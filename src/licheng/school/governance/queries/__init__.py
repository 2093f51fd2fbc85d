from licheng.school.governance.queries.affected import affected_by, register_affected
from licheng.school.governance.queries.deadlines import openings_for, require_open_for
from licheng.school.governance.queries.extensions import ExtensionsPage, extensions_page
from licheng.school.governance.queries.settings import (
    HistoryPage,
    SettingLine,
    SettingsPage,
    bounds_of_window,
    history_page,
    school_for_settings,
    settings_of,
    settings_page,
)

__all__ = [
    "ExtensionsPage",
    "HistoryPage",
    "SettingLine",
    "SettingsPage",
    "affected_by",
    "bounds_of_window",
    "extensions_page",
    "history_page",
    "openings_for",
    "register_affected",
    "require_open_for",
    "school_for_settings",
    "settings_of",
    "settings_page",
]

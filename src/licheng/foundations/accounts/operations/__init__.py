from licheng.foundations.accounts.operations.passwords import (
    change_password,
    issue_first_password,
    open_account,
)

__all__ = ["change_password", "issue_first_password", "open_account"]

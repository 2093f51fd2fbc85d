from licheng.archive.receipts.operations.checking import check_deposit, take_in
from licheng.archive.receipts.operations.issuing import issue_receipts

__all__ = ["check_deposit", "issue_receipts", "take_in"]

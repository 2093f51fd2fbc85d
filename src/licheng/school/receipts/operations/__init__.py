from licheng.school.receipts.operations.deciding import answer_dispute, confirm_item, dispute_item
from licheng.school.receipts.operations.fetching import fetch_receipts

__all__ = ["answer_dispute", "confirm_item", "dispute_item", "fetch_receipts"]

"""Receipts 收訖明細: what the archive says arrived, item by item; the student confirms or disputes.

Nouns: StudentReceipt, ReceiptItem.
"""

"""Taking files in, asking the scanner about them, and making what people are shown of them."""

from licheng.foundations.files.operations.deriving import derive_file, derive_lost
from licheng.foundations.files.operations.receiving import Brought, Receiving, clean_name, receive_file
from licheng.foundations.files.operations.scanning import rescan_files, scan_file, scan_waiting

__all__ = [
    "Brought",
    "Receiving",
    "clean_name",
    "derive_file",
    "derive_lost",
    "receive_file",
    "rescan_files",
    "scan_file",
    "scan_waiting",
]

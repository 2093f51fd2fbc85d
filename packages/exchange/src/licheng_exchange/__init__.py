"""What systems of the learning-portfolio chain hand to each other, without a web framework.

Nouns: course code, id number, roster, sealed package, log, proof, receipt. Everything here is a function of
its arguments; nothing reads a clock, a database or the network. The command is `licheng-exchange`.
Any vendor may import it; what is not listed in `__all__` may change without notice.
"""

from licheng_exchange._canonical import NotCanonical, canonical, digest, parse_canonical
from licheng_exchange._code_files import CourseCodeRow, parse_course_code_file
from licheng_exchange._codes import (
    CodePart,
    CourseCode,
    InvalidCourseCode,
    SemesterCredit,
    explain_course_code,
    parse_course_code,
    parse_credits,
)
from licheng_exchange._documents import published_schema
from licheng_exchange._ids import IdVerdict, check_id, mask_id
from licheng_exchange._ledgers import LedgerVerdict, folder_fetch, verify_ledger
from licheng_exchange._notes import (
    Checkpoint,
    NoteError,
    OpenNote,
    SigningKey,
    VerifyingKey,
    open_checkpoint,
    open_note,
    parse_keys,
    sign_note,
)
from licheng_exchange._package_check import OpenPackage, check_package, open_package
from licheng_exchange._package_manifest import build_manifest
from licheng_exchange._package_model import (
    PackageBroken,
    PackageLimits,
    PackageRefused,
    PackageReport,
    SealedPackage,
)
from licheng_exchange._package_seal import seal_package
from licheng_exchange._policy import NationalPolicy, national_policy
from licheng_exchange._problems import Problem
from licheng_exchange._proofs import TlogProof, verify_tlog_proof
from licheng_exchange._receipt_checks import (
    ItemVerdict,
    ReceiptVerdict,
    StoredVerdict,
    verify_receipt,
    verify_stored,
)
from licheng_exchange._receipt_kits import KitError, verify_kit, verify_paths
from licheng_exchange._receipts import (
    ReceiptError,
    build_leaf_deposited,
    build_leaf_stored,
    build_receipt,
    parse_leaf,
    parse_receipt,
    subject_of,
)
from licheng_exchange._refusals import Refusal
from licheng_exchange._rosters import (
    KINDS,
    Note,
    RosterContext,
    RosterFileError,
    RosterReport,
    RowIssue,
    Severity,
    Table,
    check_roster,
    check_table,
    decode_text,
    export_cell,
    guess_kind,
    read_table,
    read_workbook,
    same_name,
)
from licheng_exchange._tables import CodeRow, code_table
from licheng_exchange._tiles import (
    decode_entries,
    encode_entries,
    entries_path,
    is_log_path,
    new_bundles,
    new_tiles,
    tile_path,
    tile_reader,
)
from licheng_exchange._tree import (
    HashReader,
    MemoryTree,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "KINDS",
    "Checkpoint",
    "CodePart",
    "CodeRow",
    "CourseCode",
    "CourseCodeRow",
    "HashReader",
    "IdVerdict",
    "InvalidCourseCode",
    "ItemVerdict",
    "KitError",
    "LedgerVerdict",
    "MemoryTree",
    "NationalPolicy",
    "NotCanonical",
    "Note",
    "NoteError",
    "OpenNote",
    "OpenPackage",
    "PackageBroken",
    "PackageLimits",
    "PackageRefused",
    "PackageReport",
    "Problem",
    "ProofError",
    "ReceiptError",
    "ReceiptVerdict",
    "Refusal",
    "RosterContext",
    "RosterFileError",
    "RosterReport",
    "RowIssue",
    "SealedPackage",
    "SemesterCredit",
    "Severity",
    "SigningKey",
    "StoredVerdict",
    "Table",
    "TlogProof",
    "VerifyingKey",
    "build_leaf_deposited",
    "build_leaf_stored",
    "build_manifest",
    "build_receipt",
    "canonical",
    "check_id",
    "check_package",
    "check_roster",
    "check_table",
    "code_table",
    "consistency_proof",
    "decode_entries",
    "decode_text",
    "digest",
    "encode_entries",
    "entries_path",
    "explain_course_code",
    "export_cell",
    "folder_fetch",
    "guess_kind",
    "inclusion_proof",
    "is_log_path",
    "leaf_hash",
    "mask_id",
    "national_policy",
    "new_bundles",
    "new_tiles",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "open_package",
    "parse_canonical",
    "parse_course_code",
    "parse_course_code_file",
    "parse_credits",
    "parse_keys",
    "parse_leaf",
    "parse_receipt",
    "published_schema",
    "read_table",
    "read_workbook",
    "root_hash",
    "same_name",
    "seal_package",
    "sign_note",
    "subject_of",
    "tile_path",
    "tile_reader",
    "verify_consistency",
    "verify_inclusion",
    "verify_kit",
    "verify_ledger",
    "verify_paths",
    "verify_receipt",
    "verify_stored",
    "verify_tlog_proof",
]

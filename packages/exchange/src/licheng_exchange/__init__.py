"""What systems of the learning-portfolio chain hand to each other, without a web framework.

Nouns: course code, id number, roster, sealed package, log, proof, receipt. Everything here is a function of
its arguments; nothing reads a clock, a database or the network. The command is `licheng-exchange`.
Any vendor may import it; what is not listed in `__all__` may change without notice.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from licheng_exchange._canonical import NotCanonical, canonical, digest, parse_canonical
from licheng_exchange._code_files import (
    LAYOUTS,
    CodeLayout,
    CodeLine,
    CorrectionLine,
    corrections_between,
    write_code_file,
    write_correction_file,
)
from licheng_exchange._code_words import CodePart, explain_course_code, next_subject_no
from licheng_exchange._codes import (
    CourseCode,
    InvalidCourseCode,
    SemesterCredit,
    compose_course_code,
    compose_credits,
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
from licheng_exchange._package_manifest import build_manifest
from licheng_exchange._package_model import (
    PackageBroken,
    PackageLimits,
    PackageRefused,
    PackageReport,
    SealedPackage,
)
from licheng_exchange._plan_checks import PlanFinding, check_course, check_plan, plan_totals
from licheng_exchange._plan_totals import CreditRule, PlanTotals, credit_rules, worth_of
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
from licheng_exchange._rosters.exporting import export_cell
from licheng_exchange._rosters.kinds import KINDS, guess_kind, kind_of, kinds_named
from licheng_exchange._tables import CodeRow, SubjectRow, code_table, find_code, subject_table
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

if TYPE_CHECKING:
    from licheng_exchange._code_reading import CourseCodeRow, parse_course_code_file
    from licheng_exchange._package_check import OpenPackage, check_package, open_package
    from licheng_exchange._package_seal import seal_package
    from licheng_exchange._rosters.checking import check_book, check_roster, check_table
    from licheng_exchange._rosters.model import (
        BOOK,
        BOOK_NAMES,
        Note,
        RosterBook,
        RosterContext,
        RosterFileError,
        RosterReport,
        RowIssue,
        Severity,
        Table,
    )
    from licheng_exchange._rosters.names import same_name
    from licheng_exchange._rosters.reading import read_book, read_table
    from licheng_exchange._rosters.text import decode_text
    from licheng_exchange._rosters.workbook import read_workbook
else:

    def __getattr__(name: str) -> Any:
        """What is asked for by few and rests on large libraries, loaded when somebody asks for it."""
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


# Names by the module that holds them, as in the imports above: of these, polars and the cipher are part.
_LATER: Final = {
    name: module
    for module, names in {
        "_code_reading": ("CourseCodeRow", "parse_course_code_file"),
        "_package_check": ("OpenPackage", "check_package", "open_package"),
        "_package_seal": ("seal_package",),
        "_rosters.checking": ("check_book", "check_roster", "check_table"),
        "_rosters.model": (
            "BOOK",
            "BOOK_NAMES",
            "Note",
            "RosterBook",
            "RosterContext",
            "RosterFileError",
            "RosterReport",
            "RowIssue",
            "Severity",
            "Table",
        ),
        "_rosters.names": ("same_name",),
        "_rosters.reading": ("read_book", "read_table"),
        "_rosters.text": ("decode_text",),
        "_rosters.workbook": ("read_workbook",),
    }.items()
    for name in names
}

__all__ = [
    "BOOK",
    "BOOK_NAMES",
    "KINDS",
    "LAYOUTS",
    "Checkpoint",
    "CodeLayout",
    "CodeLine",
    "CodePart",
    "CodeRow",
    "CorrectionLine",
    "CourseCode",
    "CourseCodeRow",
    "CreditRule",
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
    "PlanFinding",
    "PlanTotals",
    "Problem",
    "ProofError",
    "ReceiptError",
    "ReceiptVerdict",
    "Refusal",
    "RosterBook",
    "RosterContext",
    "RosterFileError",
    "RosterReport",
    "RowIssue",
    "SealedPackage",
    "SemesterCredit",
    "Severity",
    "SigningKey",
    "StoredVerdict",
    "SubjectRow",
    "Table",
    "TlogProof",
    "VerifyingKey",
    "build_leaf_deposited",
    "build_leaf_stored",
    "build_manifest",
    "build_receipt",
    "canonical",
    "check_book",
    "check_course",
    "check_id",
    "check_package",
    "check_plan",
    "check_roster",
    "check_table",
    "code_table",
    "compose_course_code",
    "compose_credits",
    "consistency_proof",
    "corrections_between",
    "credit_rules",
    "decode_entries",
    "decode_text",
    "digest",
    "encode_entries",
    "entries_path",
    "explain_course_code",
    "export_cell",
    "find_code",
    "folder_fetch",
    "guess_kind",
    "inclusion_proof",
    "is_log_path",
    "kind_of",
    "kinds_named",
    "leaf_hash",
    "mask_id",
    "national_policy",
    "new_bundles",
    "new_tiles",
    "next_subject_no",
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
    "plan_totals",
    "published_schema",
    "read_book",
    "read_table",
    "read_workbook",
    "root_hash",
    "same_name",
    "seal_package",
    "sign_note",
    "subject_of",
    "subject_table",
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
    "worth_of",
    "write_code_file",
    "write_correction_file",
]

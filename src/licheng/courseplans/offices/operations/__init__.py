from licheng.courseplans.offices.operations.directory import Listed, load_directory
from licheng.courseplans.offices.operations.officers import (
    Post,
    add_officer,
    end_officer,
    recover_officer,
)

__all__ = ["Listed", "Post", "add_officer", "end_officer", "load_directory", "recover_officer"]

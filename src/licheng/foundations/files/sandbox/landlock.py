"""Which files a fenced process can reach, by the kernel's Landlock.

Source: Linux Documentation/userspace-api/landlock.rst; linux/landlock.h (access rights by ABI version).
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)  # loaded once, before any fork: each loading makes classes
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every machine
CREATE_VERSION_FLAG, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
FIRST_RIGHTS = (1 << 13) - 1  # of ABI 1: the four above, removing, and making of every kind of file
MAKE_DEVICES = 1 << 6 | 1 << 11  # character and block devices
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
RIGHTS_SINCE = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEVICE}
NETWORK_SINCE, SCOPES_SINCE = 4, 6
TCP_BIND_AND_CONNECT = 3
ABSTRACT_SOCKETS_AND_SIGNALS = 3


class LandlockFailed(Exception):
    """The kernel has Landlock, yet did not take the rules."""


def abi() -> int:
    """The version of Landlock that the kernel has; 0 when it has none or it is switched off."""
    version: int = LIBC.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), CREATE_VERSION_FLAG)
    return max(0, version)


def apply(*, reads: Iterable[Path], writes: Path | None) -> None:
    """Let this process, and whatever it starts, reach these paths and nothing else; there is no way back.

    Raises LandlockFailed. On a kernel without Landlock nothing is limited, and `abi` says so.
    """
    version = abi()
    if version == 0:
        return
    handled = FIRST_RIGHTS
    for since, right in RIGHTS_SINCE.items():
        handled |= right if version >= since else 0
    network = TCP_BIND_AND_CONNECT if version >= NETWORK_SINCE else 0
    scopes = ABSTRACT_SOCKETS_AND_SIGNALS if version >= SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", handled, network, scopes)
    attributes = attributes[: 24 if scopes else 16 if network else 8]
    ruleset = _checked(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for path in reads:
        _allow(ruleset, path, EXECUTE | READ_FILE | READ_DIR)
    if writes is not None:
        _allow(ruleset, writes, handled & ~(MAKE_DEVICES | EXECUTE | IOCTL_DEVICE))
    _allow(ruleset, Path("/dev/null"), READ_FILE | WRITE_FILE)
    _checked(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:  # not every machine has every system folder; a missing path needs no rule
        return
    try:
        if not stat.S_ISDIR(os.fstat(there).st_mode):
            rights &= ON_FILES
        _checked(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, there), 0)
    finally:
        os.close(there)


def _checked(*arguments: object) -> int:
    answer: int = LIBC.syscall(*arguments)
    if answer < 0:
        raise LandlockFailed(os.strerror(ctypes.get_errno()))
    return answer

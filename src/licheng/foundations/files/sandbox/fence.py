"""What a process does to itself before it looks at strangers' bytes; every step is one-way."""

import functools
import os
import platform
import resource
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from math import ceil
from pathlib import Path

from licheng.foundations.files.sandbox import landlock, seccomp
from licheng.foundations.files.sandbox.limits import Limits

PR_SET_PDEATHSIG = 1
MAX_OPEN_FILES = 128
SYSTEM_FOLDERS = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
SYSTEM_FILES = ("/dev/urandom", "/dev/zero", "/etc/localtime", "/sys/devices/system/cpu/online")


def end_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends."""
    landlock.LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


@functools.cache
def code_folders() -> tuple[Path, ...]:
    """Where programs and their libraries stand: the system's, Python's, and the packages of this program.

    Not all of `sys.path`: the folder of manage.py stands there too, perhaps with keys and people's files.
    """
    found = [find_spec(package) for package in ("licheng", "licheng_exchange")]
    packages = [place for spec in found if spec for place in spec.submodule_search_locations or ()]
    places = (*SYSTEM_FOLDERS, *SYSTEM_FILES, sys.prefix, sys.base_prefix, *packages)
    return tuple(dict.fromkeys(Path(place).resolve() for place in places))


def prepare() -> None:
    """Work out once, before any fork, what every fence needs."""
    code_folders()
    for programs in (True, False):
        seccomp.program(platform.machine(), programs=programs, signals=signals_stay_inside())


@functools.cache
def signals_stay_inside() -> bool:
    """Whether Landlock keeps signals among the processes of one call."""
    return landlock.abi() >= landlock.SCOPES_SINCE


def enclose(limits: Limits, *, reads: Sequence[Path], writes: Path | None) -> None:
    """Limit this process for good.

    Raises seccomp.NoSeccomp or landlock.LandlockFailed; the process must then end without opening the file.
    """
    _first_to_go_when_memory_is_short()
    if writes is not None:
        os.chdir(writes)
        os.environ["TMPDIR"] = str(writes)
    bounds = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.written_bytes if writes is not None else 0,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        _, most = resource.getrlimit(kind)
        hard = bound + 1 if kind == resource.RLIMIT_CPU else bound  # a second later it would be a SIGKILL
        hard = hard if most == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(kind, (min(bound, hard), hard))
    signal.alarm(ceil(limits.wall_seconds) + 1)
    # Landlock asks for it first; seccomp sets it again for kernels without Landlock
    landlock.LIBC.prctl(seccomp.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    landlock.apply(reads=(*code_folders(), *reads), writes=writes)
    seccomp.apply(programs=limits.programs, signals=signals_stay_inside())


def _first_to_go_when_memory_is_short() -> None:
    """The kernel ends this process before the server; where a container forbids to say so, it may not."""
    mine = Path("/proc/self/oom_score_adj")
    if os.access(mine, os.W_OK):
        mine.write_text("1000")

"""Which system calls a fenced process may not make, as a BPF program for the kernel.

Source: Linux seccomp(2); numbers from the kernel's unistd tables (x86_64, and the generic table of aarch64).
"""

import ctypes
import errno
import functools
import os
import platform
import struct

from licheng.foundations.files.sandbox.landlock import LIBC

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000  # the 32-bit calls of x86_64 carry it; they would walk around every number below
CLONE_THREAD = 0x10000
PR_SET_SECCOMP, PR_GET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 21, 38, 2
# instruction, offset into seccomp_data, answer
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCH_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, KILL_PROCESS, FAIL = 0x7FFF0000, 0x80000000, 0x00050000

# name: (number on x86_64, number on aarch64); -1 where that machine has no such call
NETWORK = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "accept": (43, 202),
    "accept4": (288, 242), "bind": (49, 200), "listen": (50, 201),
}  # fmt: skip
OTHER_PROCESSES = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438), "setsid": (112, 157),
    "setpgid": (109, 154), "setpriority": (141, 140), "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "ioprio_set": (251, 30), "move_pages": (279, 239), "migrate_pages": (256, 238),
}  # fmt: skip
KERNEL = {
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "setns": (308, 268), "unshare": (272, 97),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "acct": (163, 89), "quotactl": (179, 60), "personality": (135, 92),
    "syslog": (103, 116), "vhangup": (153, 58), "sethostname": (170, 161), "setdomainname": (171, 162),
    "fanotify_init": (300, 262), "modify_ldt": (154, -1), "iopl": (172, -1), "ioperm": (173, -1),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "capset": (126, 91),
}  # fmt: skip
# Landlock does not ask about these: who may read a file, its owner and its dates, wherever it stands.
METADATA = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, -1), "fchown": (93, 55), "lchown": (94, -1), "fchownat": (260, 54),
    "utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
}  # fmt: skip
# Memory that would outlive the process or stands outside its limit.
SHARED_MEMORY = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "semget": (64, 190),
    "msgget": (68, 186), "mq_open": (240, 180),
}  # fmt: skip
SIGNALS = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
}  # fmt: skip
PROGRAMS = {"fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281)}
CLONE, CLONE3, PRLIMIT64 = (56, 220), (435, 435), (302, 261)


class NoSeccomp(Exception):
    """The kernel or the machine cannot filter system calls; strangers' bytes are then not opened at all."""


def is_supported() -> bool:
    """Whether this machine's calls are known here and its kernel takes filters."""
    return platform.machine() in AUDIT_ARCH and LIBC.prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


@functools.cache
def program(machine: str, *, programs: bool, signals: bool) -> bytes:
    """The filter; `programs`: may start others, `signals`: may send signals (Landlock keeps them inside).

    Raises NoSeccomp for a machine whose calls are not known here.
    """
    if machine not in AUDIT_ARCH:
        raise NoSeccomp(f"no table of system calls for {machine}")
    column = list(AUDIT_ARCH).index(machine)
    denied = {**NETWORK, **OTHER_PROCESSES, **KERNEL, **METADATA, **SHARED_MEMORY}
    denied |= {} if programs else PROGRAMS
    denied |= {} if signals else SIGNALS
    refuse = [(RETURN, 0, 0, FAIL | errno.EPERM)]
    lines = [(LOAD, 0, 0, ARCH_AT), (EQUAL, 1, 0, AUDIT_ARCH[machine]), (RETURN, 0, 0, KILL_PROCESS)]
    lines += [(LOAD, 0, 0, NUMBER_AT), (AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL_PROCESS)]
    for number in sorted(pair[column] for pair in denied.values() if pair[column] >= 0):
        lines += [(EQUAL, 0, 1, number), *refuse]
    # the flags of clone3 stand in memory, where no filter sees them: libraries then use clone
    lines += [(EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, FAIL | errno.ENOSYS)]
    if not programs:
        lines += [
            (EQUAL, 0, 4, CLONE[column]),
            (LOAD, 0, 0, FIRST_ARGUMENT_AT),
            (ANY_BIT, 1, 0, CLONE_THREAD),
        ]
        lines += [*refuse, (LOAD, 0, 0, NUMBER_AT)]
    # limits of its own may be lowered (process 0 is itself), never those of another process
    lines += [(EQUAL, 0, 3, PRLIMIT64[column]), (LOAD, 0, 0, FIRST_ARGUMENT_AT), (EQUAL, 1, 0, 0), *refuse]
    lines += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def apply(*, programs: bool, signals: bool) -> None:
    """Filter this process's calls, and those of whatever it starts, from now on; there is no way back.

    Raises NoSeccomp when that is not possible.
    """
    code = program(platform.machine(), programs=programs, signals=signals)
    instructions = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(instructions))
    filter_program = ctypes.create_string_buffer(described, len(described))
    no_new_privileges = LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    address = ctypes.c_void_p(ctypes.addressof(filter_program))
    if no_new_privileges or LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address, 0, 0):
        raise NoSeccomp(os.strerror(ctypes.get_errno()))

"""What a parser that was taken over might try; each of these runs inside the sandbox."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def echo(**words):
    return words


def read(path):
    return Path(path).read_text()


def read_bytes_of(path):
    return len(Path(path).read_bytes())


def write(path):
    return Path(path).write_text("x")


def write_many(folder, count):
    Path(folder, "deep").mkdir()
    for number in range(count):
        Path(folder, "deep", f"{number}").write_bytes(b"x" * 1000)
    Path(folder, "deep", "0").rename(Path(folder, "renamed"))
    return os.environ["TMPDIR"]


def attempt(what, *, path="", pid=0):
    """The name of the error that the kernel answers with, or "" when it let it through."""
    libc = ctypes.CDLL(None, use_errno=True)
    attempts = {
        "socket": socket.socket,
        "unix socket": lambda: socket.socket(socket.AF_UNIX),
        "ptrace": lambda: _raised(libc.ptrace(16, pid, None, None)),
        "process_vm_readv": lambda: _raised(libc.syscall(310, pid, None, 0, None, 0, 0)),
        "io_uring": lambda: _raised(libc.syscall(425, 1, None)),
        "kill": lambda: os.kill(pid, 0),
        "kill group": lambda: os.killpg(pid, 0),
        "setsid": os.setsid,
        "chmod": lambda: Path(path).chmod(0),
        "chown": lambda: os.chown(path, 1, 1),
        "utime": lambda: os.utime(path),
        "rename": lambda: Path(path).rename(path + "2"),
        "unlink": lambda: Path(path).unlink(),
        "truncate": lambda: os.truncate(path, 0),
        "link": lambda: os.link(path, "stolen"),
        "list": lambda: list(Path(path).iterdir()),
        "environ": lambda: Path(f"/proc/{pid}/environ").read_bytes(),
        "fork": lambda: os.fork() or os._exit(0),
        "program": lambda: subprocess.run(["true"], check=True),
        "limits": lambda: os.sched_setaffinity(pid, {0}),
        "prlimit": lambda: _raised(libc.prlimit(pid, 7, None, None)),
        "memfd": lambda: os.memfd_create("x"),
    }
    try:
        attempts[what]()
    except OSError as refused:
        return type(refused).__name__
    return ""


def _raised(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), "refused")


def open_descriptors():
    return [number for number in range(200) if _is_open(number)]


def _is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def environment():
    return dict(os.environ)


def fill_memory():
    return len(bytearray(4 * 2**30))


def spin():
    while True:
        pass


def nap(seconds):
    time.sleep(seconds)
    return seconds


def leave_a_program(marker, seconds):
    """Start a program that goes on after this function has answered."""
    subprocess.Popen(["sh", "-c", f"sleep {seconds}; echo late > {marker}"])
    return "answered"


def hang_with_a_program(seconds):
    return subprocess.run(["sleep", str(seconds)], check=True).returncode


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(code):
    os._exit(code)


def answer_without_end():
    while True:
        os.write(3, b"x" * 65536)


def lie(text):
    """Write another answer than the program around it would."""
    os.write(3, text.encode())
    os._exit(0)


def too_much():
    return "x" * (9 * 2**20)


def not_json():
    return {1, 2}


def fail():
    raise ValueError("學習歷程")


def wrong_architecture():
    """Make a system call as a 32-bit program would: `mov eax, 20; int 0x80; ret` (getpid)."""
    import mmap

    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return call()


def x32_call():
    return ctypes.CDLL(None).syscall(0x40000000 | 39)


def probe(path):
    words = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    return subprocess.run(words, capture_output=True, check=True, timeout=20, text=True).stdout.strip()

"""A file system that lies: it acknowledges writes and loses them, at once or later, or fails every fsync.

`python -m tests.drills.parts.fuse MOUNT BACKING CONTROL`; the file CONTROL holds the mode, asked for at every call:
honest, lose (nothing is written), later (what is written is there until it is told `forget`), fail-fsync.
Each fsync is noted in CONTROL.fsyncs.
"""

import errno
import os
import sys
from pathlib import Path

import mfusepy


class LyingFiles(mfusepy.Operations):
    """Passes everything through to a folder, but writes and fsync as the mode says."""

    use_ns = True

    def __init__(self, backing, control):
        self.backing, self.control = Path(backing), Path(control)
        self.remembered = {}

    def _mode(self):
        mode = self.control.read_text().strip()
        if mode == "forget":
            self.remembered.clear()
        return mode

    def _at(self, path):
        return self.backing / path.lstrip("/")

    def getattr(self, path, fh=None):
        try:
            stat = os.lstat(self._at(path))
        except OSError as gone:
            raise mfusepy.FuseOSError(gone.errno) from gone
        names = (
            "st_mode",
            "st_nlink",
            "st_uid",
            "st_gid",
            "st_size",
            "st_atime_ns",
            "st_mtime_ns",
            "st_ctime_ns",
        )
        return {name.removesuffix("_ns"): getattr(stat, name) for name in names}

    def readdir(self, path, fh):
        return [".", "..", *(entry.name for entry in self._at(path).iterdir())]

    def mkdir(self, path, mode):
        return self._at(path).mkdir(mode)

    def rmdir(self, path):
        return self._at(path).rmdir()

    def unlink(self, path):
        return self._at(path).unlink()

    def rename(self, old, new):
        self.remembered = {
            (new if path == old else path, place): data for (path, place), data in self.remembered.items()
        }
        self._at(old).rename(self._at(new))

    def chmod(self, path, mode):
        return self._at(path).chmod(mode)

    def statfs(self, path):
        found = os.statvfs(self.backing)
        names = (
            "f_bavail",
            "f_bfree",
            "f_blocks",
            "f_bsize",
            "f_favail",
            "f_ffree",
            "f_files",
            "f_frsize",
            "f_namemax",
        )
        return {name: getattr(found, name) for name in names}

    def create(self, path, mode, fi=None):
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def open(self, path, flags):
        return os.open(self._at(path), flags & ~os.O_DIRECT)

    def release(self, path, fh):
        return os.close(fh)

    def truncate(self, path, length, fh=None):
        return os.truncate(self._at(path), length)

    def write(self, path, data, offset, fh):
        mode = self._mode()
        if mode == "later":
            self.remembered[path, offset] = data
        kept = data if mode in {"honest", "fail-fsync", "forget"} else bytes(len(data))
        return os.pwrite(fh, kept, offset)

    def read(self, path, size, offset, fh):
        data = bytearray(os.pread(fh, size, offset))
        if self._mode() == "later":
            for (name, place), kept in self.remembered.items():
                first, last = max(place, offset), min(place + len(kept), offset + len(data))
                if name == path and first < last:
                    data[first - offset : last - offset] = kept[first - place : last - place]
        return bytes(data)

    def fsync(self, path, datasync, fh):
        with Path(f"{self.control}.fsyncs").open("a") as notes:
            notes.write(f"{path}\n")
        if self._mode() == "fail-fsync":
            raise mfusepy.FuseOSError(errno.EIO)
        return os.fsync(fh)

    def fsyncdir(self, path, datasync, fh):
        return 0


def main(mount, backing, control):
    """Serve until unmounted."""
    mfusepy.FUSE(LyingFiles(backing, control), mount, foreground=True, nothreads=True, allow_other=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

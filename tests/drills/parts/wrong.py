"""How it must not be done: the controls. Each is what many systems ship."""

import hashlib
import os
from contextlib import contextmanager
from unittest import mock

from licheng.foundations import durable

PIECE = 64 * 1024


def plain_put(root, data):
    """Write straight to the final name, log errors and go on: no temporary file, no sync, no reading back."""
    digest = hashlib.sha256(data).hexdigest()
    path = root / digest[:2] / digest
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            for start in range(0, len(data), PIECE):
                os.write(descriptor, data[start : start + PIECE])
        finally:
            os.close(descriptor)
    except OSError:  # what this control is about
        pass
    return digest


def plain_append(path, line):
    """A log as most are written: one file, appended to, errors logged, never synced."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            os.write(descriptor, line[: len(line) // 2])
            os.write(descriptor, line[len(line) // 2 :])
        finally:
            os.close(descriptor)
    except OSError:  # as above
        pass


@contextmanager
def without_sync():
    """The same code on a machine whose fsync does nothing (eatmydata, or a writer that forgot it)."""
    with mock.patch.object(os, "fsync", return_value=None):
        yield


@contextmanager
def without_folder_sync():
    """The same code, but names are never synced: the mistake that testing with kill -9 cannot see."""
    with mock.patch.object(durable, "sync_folder", return_value=None):
        yield

"""Bytes that come over a network, read like a file. Needs no Django."""

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from licheng.foundations.durable import CHUNK_BYTES


def arriving(pieces: Iterator[bytes], close: Callable[[], object], *failures: type[Exception]) -> BinaryIO:
    """A file over pieces that arrive. It raises OSError where their sender raises one of the failures."""
    return cast("BinaryIO", io.BufferedReader(_Arriving(pieces, close, failures), CHUNK_BYTES))


class _Arriving(io.RawIOBase):
    """What breaks off is an error, never an end."""

    def __init__(
        self, pieces: Iterator[bytes], close: Callable[[], object], failures: tuple[type[Exception], ...]
    ) -> None:
        self._pieces, self._close, self._failures = pieces, close, failures
        self._left = b""

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: object) -> int:
        """The next bytes. Raises OSError when their sender breaks off."""
        view = memoryview(cast("bytearray", buffer))
        try:
            self._left = self._left or next(self._pieces, b"")
        except self._failures as failure:
            raise OSError(f"a copy broke off: {failure}") from failure
        taken = self._left[: len(view)]
        view[: len(taken)], self._left = taken, self._left[len(taken) :]
        return len(taken)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._close()
        super().close()

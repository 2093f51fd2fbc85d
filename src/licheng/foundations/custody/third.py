"""The third copy: any S3-compatible store, outside the acknowledgement path, judged by our own hashes."""

import hashlib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from storages.backends.s3 import S3Storage

from licheng.foundations.custody.streams import arriving
from licheng.foundations.custody.volumes import FILE, NOBODY, CopyState, Mount, Stored, VolumeIdentity
from licheng.foundations.durable import CHUNK_BYTES

FAILURES = (BotoCoreError, ClientError, Boto3Error)
KEY = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})")
ASIDE = "set-aside"
# What stores answer about a version without a lock, and about a mark of removal, which has none.
NOT_LOCKED = {
    "NoSuchObjectLockConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "MethodNotAllowed",
    "NoSuchKey",
}
NOT_THERE = {"NoSuchKey", "404"}  # never NoSuchBucket: that is a failure


@dataclass(frozen=True)
class S3Copy:
    """A bucket that holds every file once. Methods raise OSError when the store fails or refuses."""

    name: str
    bucket: str
    endpoint: str | None
    region: str | None
    lock_days: int

    @classmethod
    def at(cls, name: str, address: str) -> "S3Copy":
        """The copy at `s3://bucket?endpoint=…&region=…&lock_days=…`; its connection is kept."""
        return _connected(name, address)

    def put(self, source: BinaryIO, sha256: str, *, may_use_reserve: bool = True) -> Stored:  # noqa: ARG002
        """Bring an open file there, locked where the bucket offers it, and read it back."""
        if not self.holds(sha256):
            source.seek(0)
            with self._as_device():
                self._storage.save(_key(sha256), _Kept(source, name=sha256))
        size, read_back = self._read(sha256)
        if read_back != sha256:
            raise OSError(f"copy {self.name} gives other bytes back than {sha256}")
        return Stored(read_back, size, NOBODY, 0)

    def state(self, sha256: str) -> CopyState:
        """What the store gives back for a hash; the whole file is fetched and hashed here."""
        try:
            _size, read_back = self._read(sha256)
        except FileNotFoundError:
            return CopyState.MISSING
        return CopyState.GOOD if read_back == sha256 else CopyState.CHANGED

    def holds(self, sha256: str) -> bool:
        """Whether the store gives back exactly the bytes of this hash."""
        return self.state(sha256) == CopyState.GOOD

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as they come, unchecked. Raises FileNotFoundError when there are none."""
        with self._as_device():
            body = self._client.get_object(Bucket=self.bucket, Key=_key(sha256))["Body"]
        return arriving(body.iter_chunks(CHUNK_BYTES), body.close, *FAILURES)

    def hashes(self) -> Iterator[str]:
        """The names of all files, sorted as S3 lists them."""
        with self._as_device():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
                for entry in page.get("Contents", ()):
                    if match := KEY.fullmatch(entry["Key"]):
                        yield match[1]

    def set_aside(self, sha256: str) -> None:
        """Keep a changed object under another name, as evidence; a whole one needs none."""
        if self.state(sha256) != CopyState.CHANGED:
            return
        there = {"Bucket": self.bucket, "Key": _key(sha256)}
        name = f"{ASIDE}/{sha256}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        with self._as_device():
            self._client.copy_object(Bucket=self.bucket, Key=name, CopySource=there)

    def remove(self, sha256: str) -> None:
        """Take a file away with all its versions.

        Raises PermissionError (an OSError) while one of them is locked: none is removed then.
        """
        with self._as_device():
            versions = list(self._versions(_key(sha256)))
            if any(self._is_locked(version) for version in versions):
                raise PermissionError(f"copy {self.name} keeps {sha256} locked")
            for version in versions:
                self._client.delete_object(Bucket=self.bucket, **version)

    def sweep(self, older_than: timedelta) -> int:
        """Give up uploads in parts that nobody finished; how many."""
        before, given_up = datetime.now(UTC) - older_than, 0
        with self._as_device():
            for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket):
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] <= before:
                        part = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
                        self._client.abort_multipart_upload(Bucket=self.bucket, **part)
                        given_up += 1
        return given_up

    def free_bytes(self) -> int:
        """A store does not say; it is outside the acknowledgement path."""
        return sys.maxsize

    def keep_reserve(self, size: int) -> bool:  # noqa: ARG002 -- the protocol's form
        """A store that fills does not stop this machine: no reserve is needed."""
        return True

    def release_reserve(self) -> None:
        """There is none."""

    def identity(self) -> VolumeIdentity | None:
        """What was written there as its identity, if anything."""
        try:
            with self._as_device():
                return VolumeIdentity.from_text(
                    self._client.get_object(Bucket=self.bucket, Key=FILE)["Body"].read()
                )
        except FileNotFoundError:
            return None

    def set_identity(self, identity: VolumeIdentity) -> None:
        """Write which store this is."""
        with self._as_device():
            self._client.put_object(Bucket=self.bucket, Key=FILE, Body=identity.as_text().encode())

    def mount(self) -> Mount:
        """It stands on nothing of this machine."""
        return Mount("s3", self.endpoint or "", self.bucket, 0)

    @cached_property
    def has_lock(self) -> bool:
        """Whether the bucket offers object lock."""
        try:
            said = self._client.get_object_lock_configuration(Bucket=self.bucket)
        except ClientError as failure:
            if failure.response["Error"]["Code"] == "ObjectLockConfigurationNotFoundError":
                return False
            raise
        return bool(said["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled")

    def lock_now(self) -> dict[str, Any]:
        """How an object is locked from now on: nobody, administrators included, removes it before."""
        if not (self.lock_days and self.has_lock):
            return {}
        until = datetime.now(UTC) + timedelta(days=self.lock_days)
        return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}

    @cached_property
    def _storage(self) -> "_LockingStorage":
        return _LockingStorage(
            copy=self,
            bucket_name=self.bucket,
            endpoint_url=self.endpoint,
            region_name=self.region,
            access_key=settings.THIRD_COPY_KEY,
            secret_key=settings.THIRD_COPY_SECRET,
            signature_version="s3v4",
            addressing_style="path",
            file_overwrite=True,
            default_acl=None,
        )

    @property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    def _read(self, sha256: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with self.open(sha256) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        return size, digest.hexdigest()

    def _versions(self, key: str) -> Iterator[dict[str, str]]:
        """Every version of an object; without versioning there is one, called null."""
        for page in self._client.get_paginator("list_object_versions").paginate(
            Bucket=self.bucket, Prefix=key
        ):
            for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if version["Key"] == key:
                    yield {"Key": key, "VersionId": version["VersionId"]}

    def _is_locked(self, version: dict[str, str]) -> bool:
        if not self.has_lock:
            return False
        try:
            retention = self._client.get_object_retention(Bucket=self.bucket, **version)["Retention"]
        except ClientError as failure:
            if failure.response["Error"]["Code"] in NOT_LOCKED:
                return False
            raise
        return bool(retention["RetainUntilDate"] > datetime.now(UTC))

    @contextmanager
    def _as_device(self) -> Iterator[None]:
        """A store that fails is a device that fails."""
        try:
            yield
        except ClientError as failure:
            if failure.response["Error"]["Code"] in NOT_THERE:
                raise FileNotFoundError(str(failure)) from failure
            raise OSError(f"copy {self.name}: {failure}") from failure
        except FAILURES as failure:
            raise OSError(f"copy {self.name}: {failure}") from failure


class _LockingStorage(S3Storage):  # type: ignore[misc]  # the package carries no types
    """django-storages' backend, which locks what it stores."""

    def __init__(self, *, copy: S3Copy, **options: Any) -> None:
        super().__init__(**options)
        self._copy = copy

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """The lock that begins now."""
        return {**super().get_object_parameters(name), **self._copy.lock_now()}


class _Kept(File):  # type: ignore[type-arg]
    """A file that its sender still needs: the transfer closes what it is given."""

    def close(self) -> None:
        """Leave it open."""


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


@lru_cache
def _connected(name: str, address: str) -> S3Copy:
    parts = urlsplit(address)
    options = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return S3Copy(
        name, parts.netloc, options.get("endpoint"), options.get("region"), int(options.get("lock_days", "0"))
    )

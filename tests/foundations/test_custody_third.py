"""The third copy, against a real SeaweedFS: judged by our own hashes, locked where the bucket offers it."""

import hashlib
import io
import secrets
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from botocore.exceptions import ClientError

from licheng.foundations.custody.copies import third_copy
from licheng.foundations.custody.models import KeptCopy
from licheng.foundations.custody.volumes import CopyState, VolumeIdentity
from tests.foundations.stores import Store

DATA = "學習歷程".encode() * 50_000
SHA = hashlib.sha256(DATA).hexdigest()
NOBODYS = hashlib.sha256(b"nobody has this").hexdigest()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """SeaweedFS, for the tests of this file."""
    running = Store(tmp_path_factory.mktemp("weed"))
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
def copy_of(store, settings):
    """The third copy in a bucket of its own."""

    def make(*, locked=False, lock_days=0):
        settings.THIRD_COPY_KEY, settings.THIRD_COPY_SECRET = store.key, store.secret
        settings.THIRD_COPY = (
            store.bucket(f"b{secrets.token_hex(6)}", locked=locked) + f"&lock_days={lock_days}"
        )
        return third_copy()

    return make


def put(copy, data=DATA):
    return copy.put(io.BytesIO(data), hashlib.sha256(data).hexdigest())


def test_without_the_setting_there_is_none(settings):
    settings.THIRD_COPY = ""
    assert third_copy() is None


def test_files_go_there_and_come_back(copy_of):
    copy = copy_of()
    source = io.BytesIO(DATA)

    stored = copy.put(source, SHA)

    assert (copy.name, stored.sha256, stored.size) == ("third", SHA, len(DATA))
    assert not source.closed
    assert (copy.state(SHA), copy.holds(SHA), copy.state(NOBODYS)) == (
        CopyState.GOOD,
        True,
        CopyState.MISSING,
    )
    with copy.open(SHA) as file:
        assert file.read() == DATA
    with pytest.raises(FileNotFoundError):
        copy.open(NOBODYS)


def test_a_whole_file_is_not_sent_again_and_a_changed_one_is_kept_and_replaced(copy_of, store):
    copy = copy_of()
    put(copy)
    client, key = store.client(), f"{SHA[:2]}/{SHA}"
    before = client.head_object(Bucket=copy.bucket, Key=key)["LastModified"]
    put(copy)
    assert client.head_object(Bucket=copy.bucket, Key=key)["LastModified"] == before

    client.put_object(Bucket=copy.bucket, Key=key, Body=b"rotten")
    assert copy.state(SHA) == CopyState.CHANGED
    copy.set_aside(SHA)
    put(copy)

    assert copy.holds(SHA)
    aside = client.list_objects_v2(Bucket=copy.bucket, Prefix="set-aside/")["Contents"]
    assert [client.get_object(Bucket=copy.bucket, Key=one["Key"])["Body"].read() for one in aside] == [
        b"rotten"
    ]
    assert list(copy.hashes()) == [SHA]


def test_names_come_sorted_over_several_pages(copy_of, store):
    copy = copy_of()
    names = sorted(put(copy, b"%d" % number).sha256 for number in range(30))
    store.client().put_object(Bucket=copy.bucket, Key="readme", Body=b"x")

    assert list(copy.hashes()) == names


def test_a_file_is_removed_where_nothing_locks_it(copy_of):
    copy = copy_of()
    put(copy)
    for _again in range(2):
        copy.remove(SHA)

    assert copy.state(SHA) == CopyState.MISSING


def test_an_empty_file_and_a_large_one(copy_of):
    copy = copy_of()
    large = secrets.token_bytes(1 << 20) * 20  # goes there in parts

    assert [put(copy, data).size for data in (b"", large)] == [0, 20 << 20]


def test_a_locked_file_stays_whoever_asks(copy_of, store):
    copy = copy_of(locked=True, lock_days=7)
    put(copy)
    client, key = store.client(), f"{SHA[:2]}/{SHA}"

    with pytest.raises(PermissionError, match="locked"):
        copy.remove(SHA)

    assert copy.holds(SHA)
    (version,) = client.list_object_versions(Bucket=copy.bucket, Prefix=key)["Versions"]
    retention = client.get_object_retention(Bucket=copy.bucket, Key=key)["Retention"]
    assert retention["Mode"] == "COMPLIANCE"
    assert timedelta(days=6) < retention["RetainUntilDate"] - datetime.now(UTC) <= timedelta(days=7)
    with pytest.raises(ClientError):
        client.delete_object(
            Bucket=copy.bucket, Key=key, VersionId=version["VersionId"], BypassGovernanceRetention=True
        )
    assert copy.holds(SHA)


def test_a_deleted_or_overwritten_locked_file_is_put_there_again(copy_of, store):
    copy = copy_of(locked=True, lock_days=7)
    put(copy)
    client, key = store.client(), f"{SHA[:2]}/{SHA}"
    client.delete_object(Bucket=copy.bucket, Key=key)  # a mark; the locked version stays below it
    assert copy.state(SHA) == CopyState.MISSING
    with pytest.raises(PermissionError, match="locked"):
        copy.remove(SHA)
    put(copy)
    client.put_object(Bucket=copy.bucket, Key=key, Body=b"overwritten")
    assert copy.state(SHA) == CopyState.CHANGED
    put(copy)

    assert copy.holds(SHA)


def test_without_lock_days_or_lock_nothing_is_locked(copy_of):
    for copy in (copy_of(locked=True), copy_of(lock_days=7)):
        put(copy)
        copy.remove(SHA)
        assert copy.state(SHA) == CopyState.MISSING


def test_an_outsider_gets_nothing_on_either_port(copy_of, store):
    copy = copy_of(locked=True, lock_days=7)
    put(copy)
    path = f"{copy.bucket}/{SHA[:2]}/{SHA}"

    answers = {httpx.request(how, f"{store.endpoint}/{path}").status_code for how in ("GET", "PUT", "DELETE")}
    assert answers == {403}
    # The filer's own port erases locked files, unless it is shut as it is here.
    assert httpx.delete(f"http://127.0.0.1:{store.filer}/buckets/{path}").status_code == 404
    assert copy.holds(SHA)


def test_a_wrong_secret_a_missing_bucket_and_a_store_that_is_away_are_failures(copy_of, settings, store):
    wrong = copy_of()
    settings.THIRD_COPY_SECRET = "wrong"
    nowhere = f"?endpoint=http://127.0.0.1:9&region=us-east-1&attempt={secrets.token_hex(4)}"
    failing = [wrong]
    settings_of = (f"s3://absent?endpoint={store.endpoint}&region=us-east-1", f"s3://away{nowhere}")
    for address in settings_of:
        settings.THIRD_COPY = address
        failing.append(third_copy())

    for copy in failing:
        for use in (copy.state, copy.open):
            with pytest.raises(OSError, match="copy third") as failed:
                use(SHA)
            assert not isinstance(failed.value, FileNotFoundError)
        with pytest.raises(OSError, match="copy third"):
            list(copy.hashes())
        with pytest.raises(OSError, match="copy third"):
            put(copy)


def test_the_rest_of_what_a_copy_does(copy_of, store):
    copy = copy_of()
    identity = VolumeIdentity.new()
    assert copy.identity() is None
    copy.set_identity(identity)
    started = store.client().create_multipart_upload(Bucket=copy.bucket, Key="00/half")

    assert copy.identity() == identity
    assert copy.sweep(timedelta(days=1)) == 0
    assert copy.sweep(timedelta(seconds=-60)) == 1
    assert started["UploadId"]
    assert (copy.keep_reserve(1), copy.mount().filesystem) == (True, "s3")
    assert copy.free_bytes() > 1 << 40
    copy.release_reserve()


@pytest.mark.django_db
def test_the_clock_brings_what_is_missing_there(copy_of):
    from licheng.foundations.authz import Actor
    from licheng.foundations.custody.copies import put_everywhere
    from licheng.foundations.custody.operations import note_kept, run_clock

    copy = copy_of()
    note_kept(sha256=SHA, size_bytes=len(DATA), stored=put_everywhere(io.BytesIO(DATA), SHA))

    run = run_clock(actor=Actor.system("test"), job="third")

    assert (run.is_good, run.figures["brought"], copy.holds(SHA)) == (True, 1, True)
    assert KeptCopy.objects.get(copy="third").state == CopyState.GOOD

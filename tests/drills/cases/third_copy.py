"""The third copy in SeaweedFS: bodies judged by our hash, a locked delete refused, rot found, the whole store rebuilt.

A store that is gone never stops an upload. Control: believing a store's own word that an object is there.
"""

from tests.drills.found import Found, must
from tests.drills.parts.custody import clock, defects, scrub_everything, site_with_files
from tests.drills.parts.seaweed import BUCKET, KEY, SECRET, Seaweed
from tests.drills.parts.site import manage
from tests.drills.parts.store import sha256_of
from tests.drills.parts.uploads import picture, unfounded, upload

AS_ROOT = True
NEEDS = ("mkfs.btrfs", "mkfs.ext4")
FILES, ROTTEN = 15, 3


def run(ground):
    """Fill, read with a client that is not ours, lock, rot, destroy, rebuild."""
    weed, data = Seaweed(ground), ground.folder / "weed" / "data"
    weed.start(data)
    third = f"s3://{BUCKET}?endpoint={weed.endpoint}&region=us-east-1&lock_days=1"
    credentials = {"LICHENG_THIRD_COPY_KEY": KEY, "LICHENG_THIRD_COPY_SECRET": SECRET}
    site = site_with_files(ground, FILES, LICHENG_THIRD_COPY=third, **credentials)
    must(clock("third").is_good, "the third copy was not filled")
    must(_read(weed, site.hashes) == FILES, "the store does not give back what was brought there")
    refused = sum(_is_locked(weed, sha256) for sha256 in site.hashes[:ROTTEN])
    must(refused == ROTTEN, f"the store deleted {ROTTEN - refused} locked versions")
    naive = _rot(weed, site.hashes[:ROTTEN])
    scrub_everything()
    found, healed, still_open = defects()
    must((found, healed, still_open) == (ROTTEN, ROTTEN, 0), f"rot there: {found} found, {healed} healed")
    must(_read(weed, site.hashes) == FILES, "the store was not healed")
    weed.end()
    site.acks += [upload(picture(ground.random)) for _ in range(ROTTEN)]
    must(not clock("third").is_good, "the run without the store called itself good")
    weed.start(ground.folder / "weed" / "new-data")
    must(manage("heal", "--copy", "third")[0] == 0, "the third copy was not rebuilt")
    return Found(
        acked=len(site.acks),
        lost=len(unfounded(site.acks)) + len(site.acks) - _read(weed, site.hashes),
        control_lost=naive,
        control="believing that an object which is there is right",
        figures={"locked_deletes_refused": refused, "rot_healed": healed, "rebuilt": len(site.acks)},
    )


def _key(sha256):
    return f"{sha256[:2]}/{sha256}"


def _read(weed, hashes):
    """How many bodies have the right hash, by a client that is not ours."""
    client, right = weed.client(), 0
    for sha256 in hashes:
        try:
            body = client.get_object(Bucket=BUCKET, Key=_key(sha256))["Body"].read()
        except client.exceptions.ClientError:
            continue
        right += sha256_of(body) == sha256
    return right


def _is_locked(weed, sha256):
    """Whether deleting the stored version is refused."""
    client = weed.client()
    version = client.head_object(Bucket=BUCKET, Key=_key(sha256))["VersionId"]
    try:
        client.delete_object(Bucket=BUCKET, Key=_key(sha256), VersionId=version)
    except client.exceptions.ClientError:
        return True
    return False


def _rot(weed, hashes):
    """Put other bytes of the same length over some; those that a store's own answer still calls there."""
    client, naive = weed.client(), 0
    for sha256 in hashes:
        body = client.get_object(Bucket=BUCKET, Key=_key(sha256))["Body"].read()
        client.put_object(Bucket=BUCKET, Key=_key(sha256), Body=body[:-1] + bytes([body[-1] ^ 1]))
        naive += client.head_object(Bucket=BUCKET, Key=_key(sha256))["ContentLength"] == len(body)
    return naive

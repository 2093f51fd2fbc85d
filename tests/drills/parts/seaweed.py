"""SeaweedFS from its wheel: an S3 store on this machine, started and ended by the drill."""

import json
import sys
from pathlib import Path

import boto3
import httpx
from botocore.config import Config

from tests.drills.parts.ground import stop, wait_for

KEY, SECRET = "drill", "drill-secret"
BUCKET = "third"


class Seaweed:
    """One server with master, volume, filer and S3 in one process; its data can be destroyed."""

    def __init__(self, ground):
        self.ground, self.folder = ground, ground.folder / "weed"
        self.folder.mkdir()
        self.config = self.folder / "s3.json"
        rights = {
            "name": "drill",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin"],
        }
        self.config.write_text(json.dumps({"identities": [rights]}))
        self.ports = {
            name: 20_000 + ground.free_port() % 20_000 for name in ("master", "volume", "filer", "s3")
        }
        self.process = None

    @property
    def endpoint(self):
        """Where S3 is spoken."""
        return f"http://127.0.0.1:{self.ports['s3']}"

    def start(self, data):
        """Start on a data folder, and make the bucket when it is not there."""
        data.mkdir(exist_ok=True)
        weed = Path(sys.executable).parent / "weed"
        words = [
            weed,
            "-logtostderr",
            "server",
            f"-dir={data}",
            "-ip=127.0.0.1",
            "-filer",
            "-s3",
            "-master.volumeSizeLimitMB=64",
        ]
        words += [f"-s3.config={self.config}", "-volume.max=50"]
        for name, port in self.ports.items():
            words += [f"-{name}.port={port}", f"-{name}.port.grpc={port + 10_000}"]
        self.process = self.ground.start(words, "weed")
        wait_for(self._is_up, "the store answers", 90)
        wait_for(self._has_bucket, "the store has its bucket", 60)

    def end(self):
        """Stop it."""
        stop(self.process)

    def client(self):
        """A client that is not ours."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def _is_up(self):
        try:
            return httpx.get(self.endpoint, timeout=2).status_code > 0
        except httpx.HTTPError:
            return False

    def _has_bucket(self):
        client = self.client()
        try:
            if BUCKET not in {one["Name"] for one in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
            client.put_object(Bucket=BUCKET, Key="probe", Body=b"probe")
        except client.exceptions.ClientError:
            return False
        return True

"""A real S3 store for tests: SeaweedFS from its wheel, on this machine only, with its ports and keys chosen here."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

READY_SECONDS = 60


def free_port():
    """A port that nobody has now, whose neighbour 10,000 above, for SeaweedFS' own talk, is free too."""
    while True:
        with socket.socket() as probe, socket.socket() as neighbour:
            port = 20_000 + secrets.randbelow(20_000)
            try:
                probe.bind(("127.0.0.1", port))
                neighbour.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return port


class Store:
    """A store in a folder; buckets are made by name."""

    def __init__(self, root):
        self.root, self.key, self.secret = Path(root), "site", secrets.token_hex(16)
        self.s3, self.filer = free_port(), free_port()
        self.endpoint = f"http://127.0.0.1:{self.s3}"

    def start(self):
        """Start it and wait until it makes a bucket."""
        identity = {
            "name": "site",
            "credentials": [{"accessKey": self.key, "secretKey": self.secret}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (self.root / "data").mkdir(parents=True)
        (self.root / "s3.json").write_text(json.dumps({"identities": [identity]}))
        ports = {"master": free_port(), "volume": free_port(), "filer": self.filer, "s3": self.s3}
        options = [f"-{name}.port={port}" for name, port in ports.items()]
        options += [f"-s3.port.iceberg={free_port()}", f"-s3.port.lance={free_port()}"]
        options += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", "-filer.disableHttp"]
        options += [f"-s3.config={self.root / 's3.json'}", "-volume.max=400", "-master.volumeSizeLimitMB=64"]
        weed = Path(sys.executable).parent / "weed"
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [weed, "server", f"-dir={self.root / 'data'}", *options],
                stdout=log,
                stderr=log,
                cwd=self.root,
                env={"PATH": os.environ["PATH"], "HOME": str(self.root)},
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.bucket("ready")
            except (BotoCoreError, ClientError):
                time.sleep(0.5)
            else:
                return self
        raise AssertionError((self.root / "log").read_text()[-4000:])

    def client(self):
        """An administrator's connection."""
        config = Config(
            signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}
        )
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name="us-east-1",
            config=config,
        )

    def bucket(self, name, *, locked=False):
        """Make a bucket; its address as the setting wants it."""
        self.client().create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked)
        return f"s3://{name}?endpoint={self.endpoint}&region=us-east-1"

    def stop(self):
        """End the process that was started here."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

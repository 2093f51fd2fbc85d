"""A small installation with a real cluster and every site's database, for backups to be taken of."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from licheng.backup.cluster import Cluster
from licheng.backup.sources import SITES, embedded_source
from licheng.embedded.postgres import EmbeddedPostgres, programs
from licheng.embedded.processes import Processes
from licheng.embedded.sites import Site

ROWS = Path(__file__).with_name("rows.py")
PASSPHRASE = "三張紙 放在 兩個 信封 裡"


@dataclass
class Country:
    """The installation under `root`; its database runs until `stop()`."""

    root: Path

    @property
    def postgres(self):
        return EmbeddedPostgres(self.root / "postgres")

    @property
    def cluster(self):
        return Cluster(self.postgres.url("postgres"), programs())

    def site(self, name="school"):
        return Site(name, self.root / name, 0, self.postgres.url(f"licheng_{name}"), "http://127.0.0.1:0")

    def make(self, sites=SITES):
        self.postgres.start()
        with Processes(self.root / "logs") as processes:
            for name in sites:
                site = self.site(name)
                self.postgres.ensure_database(f"licheng_{name}")
                self.postgres.ensure_role(self.site(name).role)
                processes.run(site, "licheng_keys", "--origin", site.origin)
                processes.run(site, "migrate", "--verbosity", "0")
        return self

    def acknowledge(self, first, count, name="school"):
        """Take files in the way a site does; the hashes it acknowledged."""
        done = subprocess.run(
            [sys.executable, str(ROWS), str(first), str(count)],
            env=self.site(name).environment(with_owner=True),
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.split()

    def source(self):
        return embedded_source(self.root)

    def files_known(self, name="school"):
        """How many files the database of a site speaks of."""
        return self.cluster.ask(
            "SELECT count(*) FROM files_storedfile", url=self.postgres.url(f"licheng_{name}")
        )[0][0]

    def stop(self):
        self.postgres.stop()

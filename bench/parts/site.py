"""A school's site of its own, for measuring it from outside or inside."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from licheng.embedded.installation import prepare
from licheng.embedded.postgres import EmbeddedPostgres
from licheng.embedded.processes import Processes
from licheng.embedded.sites import Site, planned


@contextmanager
def prepared_site(root: Path) -> Iterator[tuple[Site, Processes, EmbeddedPostgres]]:
    """A school site with keys, tables and static files on its own PostgreSQL, before any of its processes."""
    postgres = EmbeddedPostgres(root / "postgres")
    postgres.start()
    try:
        with planned(root, postgres) as sites, Processes(root / "logs") as processes:
            site = sites["school"]
            postgres.ensure_database(f"licheng_{site.name}")
            postgres.ensure_role(site.role)
            prepare(processes, site)
            yield site, processes, postgres
    finally:
        postgres.stop()


@contextmanager
def school_site(
    root: Path, *, with_worker: bool = False
) -> Iterator[tuple[Site, Processes, EmbeddedPostgres]]:
    """The web server of a fresh school site on its own PostgreSQL, and its worker where one is wanted."""
    with prepared_site(root) as (site, processes, postgres):
        processes.run(site, "guard")
        processes.start(f"{site.name}-web", site, site.web_command())
        if with_worker:
            processes.start(f"{site.name}-worker", site, site.worker_command())
        processes.wait_ready(site)
        yield site, processes, postgres

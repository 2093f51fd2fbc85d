"""A server's own PostgreSQL with pgBackRest and the settings handed out in deploy: back to the second before the harm.

Row F14. Control: the full backup without the archived log, which loses the rows that came after it.
"""

from tests.backup.pgbackrest import drill
from tests.drills.found import Found, must

NEEDS = ("pgbackrest",)


def run(ground):
    """The drill that the backup tests run, in a folder of this run."""
    folder = ground.folder / "server"
    folder.mkdir()
    done = drill(folder)
    must(done["harmed"] == 0, "nothing was harmed")
    must(done["is_equal"], "what came back is not what was there")
    return Found(
        acked=done["there"],
        lost=done["there"] - done["back"],
        control_lost=done["there"] - done["base_alone"],
        control="the full backup without the log",
        figures={"restore_seconds": done["seconds"]},
    )

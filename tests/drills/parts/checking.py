"""After a cut: open the site that the environment describes and say which acknowledgements it cannot stand by.

`python -m tests.drills.parts.checking ACKS RESULT`
"""

import json
import sys
from pathlib import Path

from tests.drills.parts.site import become_site
from tests.drills.parts.uploads import Ack, unfounded


def main(acks, result):
    """Do what the next request would do first (sequence what is committed), then look everything up."""
    become_site()
    from licheng.foundations.files.models import StoredFile
    from licheng.foundations.ledger.operations import sequence

    told = [Ack.parse(line) for line in Path(acks).read_text(encoding="utf-8").splitlines()]
    sequence()
    bad = unfounded(told)
    row = {
        "lost": len(bad),
        "reasons": sorted({why for _ack, why in bad}),
        "rows": StoredFile.objects.count(),
    }
    Path(result).write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

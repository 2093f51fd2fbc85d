"""What can be proven afterwards, offline: receipts, packages, and that one changed byte does not pass."""

import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import httpx

from licheng.embedded.installation import Installation
from licheng.embedded.sites import Site
from licheng.embedded.visitor import Visitor, WalkFailed
from licheng.embedded.walkthrough.entering import sign_in_again
from licheng.embedded.walkthrough.story import SchoolStory, Walk, expect, sample_password

GOOD, BAD = 0, 1


def _exchange(*arguments: str) -> int:
    """Run `licheng-exchange` as anybody would; its exit code."""
    command = [str(Path(sys.executable).parent / "licheng-exchange"), *arguments]
    return subprocess.run(command, check=False, capture_output=True).returncode


def verify_receipts(school: SchoolStory) -> None:
    """Verify the kits of this school's students offline; every receipt that holds counts its items."""
    walk = school.walk
    with walk.step("學生離線驗證收據：用自己的檔案、收據與公開金鑰", "receipts verified offline"):
        for items, kit in walk.kits[-(len(school.students) - 1) :]:
            with tempfile.TemporaryDirectory() as folder:
                _unpack(kit, Path(folder))
                if _exchange("receipt", "verify", folder) != GOOD:
                    raise WalkFailed("a student's receipt does not verify")
            walk.counts["receipts_verified"] += items


def _unpack(kit: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(kit)) as archive:
        archive.extractall(folder)


def leave_examples(here: Installation, walk: Walk) -> None:
    """Leave one student's kit and one sealed package for everybody to check; changed copies must fail."""
    kit = here.root / "receipt-kit"
    shutil.rmtree(kit, ignore_errors=True)
    kit.mkdir()
    _unpack(min(walk.kits, key=lambda one: one[0])[1], kit)
    with walk.step("收據包：原樣通過，任何一份改一個位元組就不通過", "a kit holds; one changed byte fails"):
        _holds_until_changed(kit, sorted(kit.iterdir()), "receipt", "verify")
    package = here.root / "package"
    shutil.rmtree(package, ignore_errors=True)
    _code, batch = walk.batches[0]
    here.processes.run(here.school, "export_package", "--batch", str(batch), "--to", str(package))
    with walk.step("封包：原樣通過，改一個位元組就不通過", "a package holds; one changed byte fails"):
        _holds_until_changed(package, list(package.glob("*.zip")), "package", "check")


def _holds_until_changed(folder: Path, files: list[Path], *command: str) -> None:
    if _exchange(*command, str(folder)) != GOOD:
        raise WalkFailed(f"{' '.join(command)} {folder} does not hold")
    for path in files:
        before = path.read_bytes()
        changed = bytearray(before)
        changed[len(changed) // 2] ^= 1
        path.write_bytes(bytes(changed))
        code = _exchange(*command, str(folder))
        path.write_bytes(before)
        if code != BAD:
            raise WalkFailed(f"{path.name} with one changed byte was answered {code}")


def look_at_the_archive(here: Installation, walk: Walk) -> None:
    """The operator sees every package; everybody sees the signed head and the state of the copies."""
    if walk.operator is None:
        raise WalkFailed("no operator has enrolled")
    with walk.step("中央操作人員在另一台電腦登入，看收件板", "the operator signs in and sees what came"):
        _visitor, page = sign_in_again(here.archive, sample_password(0), "operator", walk.operator)
        expect(page, *(code for code, _batch in walk.batches))
    public = Visitor("anyone", here.archive.url)
    with walk.step("任何人都看得到帳本的簽署與兩份副本的狀態", "anyone sees checkpoint and status"):
        expect(public.open("/checkpoint/"), here.archive.origin)
        public.open("/status/")
    for site in (here.school, here.archive):
        with walk.step(f"{site.name}：收下的檔案都有兩份相符的副本", "every file is in two copies"):
            _nothing_is_missing(site, walk)


def _nothing_is_missing(site: Site, walk: Walk) -> None:
    """What the integrity page says for programs: everything acknowledged was read back in two copies."""
    said = httpx.get(f"{site.url}/integrity.json", timeout=30).raise_for_status().json()
    if said["difference"] or said["defects"]["open"] or not said["acknowledged"]:
        raise WalkFailed(
            f"{site.name}: {said['difference']} of {said['acknowledged']} files are not in two copies"
        )
    walk.counts[f"files_verified_{site.name}"] = said["verified"]

"""Who asks for little loads little; every public name is there for who asks for it."""

import subprocess
import sys

import licheng_exchange
import pytest

LARGE = "polars", "xlsxwriter", "Cryptodome", "python_calamine"
LOADED = f"import sys; print(*sorted({{*{LARGE}}} & {{*sys.modules}}))"


def test_every_public_name_is_there():
    assert [name for name in licheng_exchange.__all__ if getattr(licheng_exchange, name, None) is None] == []


def test_a_name_that_is_not_there_is_told():
    with pytest.raises(AttributeError, match="no attribute 'made_up'"):
        _ = licheng_exchange.made_up


@pytest.mark.parametrize(
    ("asked", "loaded"),
    [
        ("import licheng_exchange", ""),
        ("from licheng_exchange._cli import main; main(['id', 'A123456789'])", ""),
        ("from licheng_exchange import seal_package", "Cryptodome"),
    ],
)
def test_large_libraries_are_loaded_by_who_uses_them(asked, loaded):
    done = subprocess.run([sys.executable, "-c", f"{asked}; {LOADED}"], capture_output=True, check=True)

    assert done.stdout.decode().splitlines()[-1] == loaded

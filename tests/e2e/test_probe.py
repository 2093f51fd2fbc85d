import pytest

pytestmark = pytest.mark.e2e


def test_probe(school):
    print(school)

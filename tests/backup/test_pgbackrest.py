"""The server's own backup, with the settings that are handed out."""

from tests.backup.pgbackrest import BEFORE, BETWEEN, drill


def test_a_server_comes_back_to_the_second_before_the_harm(tmp_path):
    done = drill(tmp_path)

    assert (done["there"], done["harmed"]) == (BEFORE + BETWEEN, 0)
    assert done["back"] == BEFORE + BETWEEN
    assert done["is_equal"]
    assert done["base_alone"] == BEFORE  # control: without the log the later rows are gone

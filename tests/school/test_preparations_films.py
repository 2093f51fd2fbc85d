"""Film and sound of phones: within the limit, playable, without their places."""

import pytest

from licheng.school.uploads.making import films, sources
from tests.school import preparation_sources as made
from tests.school.maker_cases import KB, MEDIA, fit, result


def test_an_iphone_film_becomes_a_small_mp4_without_its_place(put, home):
    source = made.hdr_film(home.parent / "IMG_0001.MOV")

    answer = fit(films, source, home, 150 * KB, allowed=MEDIA)

    path = result(home, answer)
    assert sources.kind_of(source) == "media"
    assert answer["media_type"] == "video/mp4"
    assert answer["bytes"] <= 150 * KB
    assert b"+25.03" in source.read_bytes()
    assert b"+25.03" not in path.read_bytes()
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat")
    assert abs(films.probed(path).seconds - 2) < 0.3
    assert not films.probed(path).is_hdr


@pytest.mark.slow
def test_an_upright_film_keeps_its_shape_and_qualities_differ(put, home):
    source = made.film(home.parent / "up.mp4", size="480x854", seconds=3)

    sizes = {}
    for quality in ("high", "small"):
        answer = fit(films, source, home, 700 * KB, quality, allowed=MEDIA)
        sizes[quality] = answer["facts"]["width"], answer["facts"]["height"], answer["bytes"]

    assert sizes["high"][:2] == (480, 854)
    assert sizes["small"][0] == 360
    assert sizes["small"][2] < sizes["high"][2] <= 700 * KB


@pytest.mark.parametrize("name", ["song.wav", "song.m4a", "song.ogg"])
def test_sound_becomes_an_mp3(put, home, name):
    source = made.sound(home.parent / name)

    answer = fit(films, source, home, 200 * KB, allowed=MEDIA)

    path = result(home, answer)
    assert (answer["media_type"], answer["file"]) == ("audio/mpeg", "result.mp3")
    assert answer["bytes"] <= 200 * KB
    assert path.read_bytes()[:2] == b"\xff\xfb"
    assert sources.kind_of(source) == "media"


def test_what_is_too_long_for_the_limit_says_how_long_it_may_be(put, home):
    source = made.film(home.parent / "long.mp4", seconds=20, size="64x48")

    problem = fit(films, source, home, 60 * KB, allowed=MEDIA)["problem"]

    assert problem["code"] == "too-long-for-limit"
    assert "0 分 20 秒" in problem["text_zh"]
    assert "0 min 20 s" in problem["text_en"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x18ftypmp42",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/hosts\n",
    ],
)
def test_broken_films_and_playlists_are_not_opened(put, home, data):
    assert fit(films, put("x.mp4", data), home, 100 * KB, allowed=MEDIA)["problem"]["code"] == "unreadable"

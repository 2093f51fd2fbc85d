"""What a password of one's own must not be, and that it is the same however a keyboard composes it."""

import unicodedata

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from licheng.foundations.accounts.models import User
from licheng.foundations.accounts.password_rules import LONGEST, listed

HER = User(login="070406:1152001", name="林宜 Lin")
GOOD = (
    "correct horse battery staple",
    "walk to the lake at nine",
    "今天下課要去圖書館還書喔",
    "🦊🌧️ 狐狸喜歡下雨的晚上 ok",
    "jX7-tall-quiet-Bamboo",
    "mango-fog-72-lantern",
    "a" * 3 + " sleepy otters nap",
    "x8Gv2LqZ0nPw",
)


@pytest.mark.parametrize("password", GOOD)
def test_sentences_and_random_characters_are_taken(password):
    validate_password(password, HER)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"),
        ("十一個中文字不夠長喔喔", "short"),
        ("長" * 60 + "短" * 60 + "句子" * 5, "long"),
        ("1qaz2wsx3edc", "listed"),
        ("password1234", "listed"),
        ("Password!!2026", "listed"),
        ("  dragon 20260901  ", "listed"),
        ("iloveyoumonkey99", "listed"),
        ("qwerty-123456", "listed"),
        ("ｐａｓｓｗｏｒｄ１２３４", "listed"),
        ("學習歷程檔案2026!", "listed"),
        ("aaaaaaaaaaaaaaa", "predictable"),
        ("abcabcabcabcab", "predictable"),
        ("喔喔喔喔喔喔喔喔喔喔喔喔", "predictable"),
        ("qwer-asdf-zxcv", "predictable"),
        ("4321fdsa!rewq", "predictable"),
        ("1990123119921014", "predictable"),
        ("ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐ", "predictable"),
        ("my A123456789 number", "id-number"),
        ("AB12345678 and more", "id-number"),
        ("Ａ１２３４５６７８９ 也一樣不行", "id-number"),
        ("blue-1152001-whale", "personal"),
        ("school 070406 rocks", "personal"),
        ("我是林宜今年十六歲住彰化", "personal"),
        ("grey LIN sits on a chair", "personal"),
    ],
)
def test_what_is_refused_and_why(password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, HER)

    assert code in {error.code for error in refused.value.error_list}


def test_somebody_elses_name_is_nobodys_business():
    validate_password("我是林宜今年十六歲住彰化", User(login="070406:t9", name="林宜靜"))


def test_the_longest_is_taken_and_one_more_is_not():
    long = ("河邊有三隻白鷺鷥在散步" * 20)[:LONGEST]
    sentence = "".join(chr(0x4E00 + 7 * place) for place in range(LONGEST))

    validate_password(sentence)
    for over in (f"{sentence}一", long + "一"):
        with pytest.raises(ValidationError):
            validate_password(over)


def test_rules_are_said_before_typing():
    said = password_validators_help_texts()

    assert len(said) == 4
    assert "12" in said[0]


def test_the_list_is_there_and_larger_than_djangos():
    assert len(listed()) > 55_000
    assert {"password", "1qaz2wsx3edc", "justinbieber"} <= listed()


@pytest.mark.parametrize(
    "twin", [unicodedata.normalize("NFD", "café für Ü ガ"), "ｃafé für Ü ガ", "café für Ü ｶﾞ"]
)
def test_one_password_however_a_keyboard_composes_it(settings, twin):
    settings.PASSWORD_HASHERS = ["licheng.foundations.accounts.hashers.PasswordHasher"]

    encoded = make_password("café für Ü ガ")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(twin, encoded)
    assert not check_password("cafe für Ü ガ", encoded)

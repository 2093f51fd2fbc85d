import pytest
from django.urls import reverse


def test_a_body_larger_than_any_form_is_refused_unread(client, db):
    class Unread:
        def read(self, *_size):
            raise AssertionError("the body was read")

        readline = read

    answer = client.generic(
        "POST", reverse("sign_in"), b"", CONTENT_LENGTH=str(25 * 2**20), **{"wsgi.input": Unread()}
    )

    assert (answer.status_code, "太大" in answer.content.decode()) == (413, True)


@pytest.mark.parametrize("length", ["abc", "-5", "1e5", "²", "9" * 5000])
def test_a_length_that_is_none_is_refused_and_breaks_nothing(client, db, length):
    assert client.generic("POST", reverse("sign_in"), b"", CONTENT_LENGTH=length).status_code == 413


def test_a_refusal_never_links_to_another_site(client, db):
    answer = client.get("/nowhere/", headers={"Referer": "http://testserver//elsewhere.invalid/"})

    assert b"elsewhere" not in answer.content

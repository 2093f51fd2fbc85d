"""A small tus 1.0 client over Django's test client, and items to send files for."""

import base64
import hashlib

from django.test import Client
from django.urls import reverse

from tests.school.items import WORKS

DOCUMENT = (WORKS / "reading_notes.pdf").read_bytes()
FILM = (WORKS / "project.mp4").read_bytes()
PART_TYPE = "application/offset+octet-stream"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def checksum(part, kind="sha256"):
    return f"{kind} {base64.b64encode(hashlib.new(kind, part).digest()).decode()}"


class Tus:
    """One student's browser as the protocol sees it."""

    def __init__(self, person, **client):
        self.client = Client(**client)
        self.client.force_login(person.user)

    def request(self, method, url, data=b"", **headers):
        sent = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.client.generic(method, url, data, content_type=PART_TYPE, headers=sent)

    def create(self, item, name, size, data=b"", *, role="document", more=None, **headers):
        kind = type(item).__name__.lower()
        said = {"filename": name, "item_kind": kind, "item_id": str(item.pk), "role": role, **(more or {})}
        text = ",".join(f"{key} {encoded(value)}" for key, value in said.items())
        given = {"Upload_Length": str(size), "Upload_Metadata": text, **headers}
        return self.request("POST", reverse("uploads:create"), data, **given)

    def started(self, item, name, size, **more):
        answer = self.create(item, name, size, **more)
        assert answer.status_code == 201, answer.content
        return answer["Location"]

    def patch(self, url, offset, part, **headers):
        return self.request("PATCH", url, part, Upload_Offset=str(offset), **headers)

    def offset(self, url):
        answer = self.request("HEAD", url)
        assert answer.status_code == 200, answer.status_code
        return int(answer["Upload-Offset"])

    def state(self, url):
        return self.client.get(f"{url}state/", headers={"Accept": "application/json"}).json()

    def whole(self, item, name, data, part=100_000, **more):
        """Send everything in parts; what the server tells of it then."""
        url = self.started(item, name, len(data), **more)
        for at in range(0, len(data), part):
            answer = self.patch(url, at, data[at : at + part])
            assert answer.status_code == 204, answer.content
        return self.state(url)

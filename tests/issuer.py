"""An issuer of 教育雲端帳號 on this machine, with the addresses of domain.md §2.15, that can also lie.

It holds its client to the protocol: PKCE, one use of a code, the registered address, the client's secret.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "licheng-school", "client-secret-of-tests"
PATHS = {
    "authorization_endpoint": "/oidc/v1/azp",
    "token_endpoint": "/oidc/v1/token",
    "userinfo_endpoint": "/oidc/v1/userinfo",
    "jwks_uri": "/oidc/v1/jwksets",
}
EDUINFO = "/moeresource/api/v1/oidc/eduinfo"


@cache
def signing_key(name="one"):
    """An RSA key of this run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name == "weak" else 2048)


@dataclass
class Visitor:
    """Who signs in at the issuer."""

    sub: str = "edu-0001"
    name: str = "王小明"
    schoolid: str = "070406"
    titles: tuple = ("學生",)


@dataclass
class Issuer:
    """The issuer: who visits it next, and where it departs from the truth."""

    url: str = ""
    visitor: Visitor = field(default_factory=Visitor)
    kid: str = "one"
    published: list = field(default_factory=lambda: ["one"])
    claims: dict = field(default_factory=dict)  # what an id_token says instead; None leaves a claim out
    sign: object = None  # makes the id_token from its claims instead
    userinfo: dict = field(default_factory=dict)
    eduinfo: dict = field(default_factory=dict)
    discovery: dict = field(default_factory=dict)
    broken: dict = field(default_factory=dict)  # path → (status, body)
    asked: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)

    def describe(self):
        """What the issuer says of itself."""
        doors = {name: self.url + path for name, path in PATHS.items()}
        more = {
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return {"issuer": self.url, **doors, **more, **self.discovery}

    def keys(self):
        """Its published keys."""
        return {
            "keys": [
                {**json.loads(RSAAlgorithm.to_jwk(signing_key(name).public_key())), "kid": name, "use": "sig"}
                for name in self.published
            ]
        }

    def authorise(self, asked):
        """A code for the visitor, and the address to which the browser goes back."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, form, authorization):
        """Tokens for a code, once, for the client that asked and who knows the verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or authorization != expected or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if asked.get("code_challenge_method") != "S256" or challenge != asked.get("code_challenge"):
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "access", "token_type": "Bearer", "expires_in": 3600}
        return 200, answer | {"id_token": self.id_token(asked)}

    def id_token(self, asked):
        """The signed word on who came."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": self.visitor.sub, "aud": CLIENT, "iat": now, "exp": now + 3600}
        claims |= {"nonce": asked["nonce"]} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode(claims, signing_key(self.kid), "RS256", headers={"kid": self.kid})

    def answer(self, path, authorization):
        """What the doors for machines answer to GET."""
        if path == "/.well-known/openid-configuration":
            return self.describe()
        if path == PATHS["jwks_uri"]:
            return self.keys()
        if authorization != "Bearer access":
            return None
        if path == PATHS["userinfo_endpoint"]:
            return {"sub": self.visitor.sub, "name": self.visitor.name, "email": "a@b.test"} | self.userinfo
        if path == EDUINFO:
            titles = [{"titles": list(self.visitor.titles)}]
            return {
                "schoolid": self.visitor.schoolid,
                "sub": self.visitor.sub,
                "titles": titles,
            } | self.eduinfo
        return None


PAGE = """<!doctype html><html lang="zh-Hant"><title>教育雲端帳號</title><h1>教育雲端帳號</h1><a href="{}">同意</a>"""


def handler_for(issuer):
    """Requests to this issuer."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_line):
            """Say nothing."""

        def send(self, status, body, kind="application/json"):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            parts = urlsplit(self.path)
            issuer.asked.append(parts.path)
            if parts.path == "/favicon.ico":
                return self.send(204, b"")  # else the browser's console complains of it
            if parts.path in issuer.broken:
                status, body = issuer.broken[parts.path]
                return self.send(status, body)
            if parts.path == PATHS["authorization_endpoint"]:
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                back = issuer.authorise(asked).replace("&", "&amp;")
                return self.send(200, PAGE.format(back).encode(), "text/html; charset=utf-8")
            answer = issuer.answer(parts.path, self.headers.get("Authorization"))
            return self.send(200 if answer else 401, json.dumps(answer or {}).encode())

        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            issuer.asked.append(self.path)
            if self.path in issuer.broken:
                return self.send(*issuer.broken[self.path])
            status, answer = issuer.exchange(form, self.headers.get("Authorization"))
            return self.send(status, json.dumps(answer).encode())

    return Handler


class Standing:
    """An issuer that listens; `with Standing() as issuer`."""

    def __enter__(self):
        self.issuer = Issuer()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self.issuer))
        self.issuer.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self.issuer

    def __exit__(self, *_why):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def introduce(settings, issuer, folder):
    """Make the site a client of this issuer."""
    from django.core.cache import cache

    secret = folder / "oidc-secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = issuer.url, CLIENT
    settings.OIDC_SECRET_FILE = str(secret)
    settings.OIDC_EDUINFO_URL = issuer.url + EDUINFO
    cache.clear()

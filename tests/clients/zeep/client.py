"""The toolkit side of the journey: zeep driven by the published WSDL, and what the wire carried."""

import contextlib
import hashlib
import re
import subprocess
from urllib.parse import urlsplit

import requests
import zeep
from zeep.exceptions import Fault, TransportError

WSDLS = ("dm_operations", "dm_info", "dm_VoDZ", "dm_arch", "db_search", "db_access", "db_manipulations")
OPERATIONS = 76
# libxml2 takes no text over ten million bytes otherwise, and an attachment in base64 is one.
HUGE = zeep.Settings(xml_huge_tree=True)


class Failed(Exception):
    """The server did something that it must not; the text says what."""


def demand(condition, sentence):
    if not condition:
        raise Failed(sentence)


class Recorder(zeep.Transport):
    """Keeps the last answer as it came, since the hash is about bytes and not about values."""

    last = None

    def post(self, address, message, headers):
        self.last = super().post(address, message, headers)
        return self.last


class Published:
    """The WSDL set that the server publishes."""

    def __init__(self, url):
        self.url = url
        self.documents = {name: zeep.Client(f"{url}/wsdl/v20/{name}.wsdl", transport=plain(), settings=HUGE) for name in WSDLS}

    def operations(self):
        return sum(len(binding.all()) for client in self.documents.values() for binding in client.wsdl.bindings.values())


def plain():
    session = requests.Session()
    # A proxy of the machine must not see test traffic, and cannot reach loopback.
    session.trust_env = False
    return Recorder(session=session, timeout=30, operation_timeout=60)


class Person:
    """One login. Operations are called by their contract names, whatever WSDL they stand in."""

    def __init__(self, published, login, password):
        self.recorder = plain()
        self.recorder.session.auth = (login, password)
        self.login = login
        self.owners = {}
        for client in published.documents.values():
            for service in client.wsdl.services.values():
                for port in service.ports.values():
                    # The path is the published one; the host is ours, so that no call can leave for another.
                    path = urlsplit(port.binding_options["address"]).path
                    proxy = zeep.Client(client.wsdl, transport=self.recorder, settings=HUGE).create_service(
                        str(port.binding.name), published.url + path
                    )
                    for operation in port.binding.all():
                        self.owners[operation] = proxy

    def call(self, operation, *arguments, **fields):
        """Calls, demands status 0000, answers zeep's value."""
        answer = self.attempt(operation, *arguments, **fields)
        code, text = status(answer)
        demand(code == "0000", f"{operation} as {self.login} answered {code}: {text}")
        return answer

    def attempt(self, operation, *arguments, **fields):
        return self.owners[operation][operation](*arguments, **fields)

    def raw(self):
        return self.recorder.last.content

    @contextlib.contextmanager
    def accepting(self, media_type):
        """Calls within say that they take answers of this type."""
        self.recorder.session.headers["Accept"] = media_type
        try:
            yield
        finally:
            del self.recorder.session.headers["Accept"]

    def refused(self, operation, **fields):
        """The HTTP answer of a call that must not get as far as an operation."""
        try:
            self.attempt(operation, **fields)
        except (TransportError, Fault):  # an XHTML body is well-formed XML, which zeep takes for a strange fault
            return self.recorder.last
        raise Failed(f"{operation} as {self.login} was let in")


def status(answer):
    """Code and text of an answer, of either family; an answer that is nothing but its status is unwrapped by zeep."""
    for name in ("dmStatus", "dbStatus"):
        inner = getattr(answer, name, None)
        if inner is not None:
            answer = inner
            break
    for family in ("dm", "db"):
        code = getattr(answer, f"{family}StatusCode", None)
        if code is not None:
            return code, getattr(answer, f"{family}StatusMessage", None)
    raise Failed(f"an answer without a status: {answer!r}")


def items(container, name):
    """The elements of an array type. A repeated sequence, as some of the contract's are, zeep keeps as `_value_1`."""
    if container is None:
        return []
    found = getattr(container, name, None)
    if found is None:
        found = [entry[name] for entry in getattr(container, "_value_1", None) or []]
    return found


def dm_dm(raw, where):
    """The bytes that the hash is about, from `<` of the start tag to `>` of the end tag, exactly as they came."""
    found = re.findall(rb"<p:dmDm[\s>].*?</p:dmDm>", raw, re.DOTALL)
    demand(len(found) == 1, f"{where} holds {len(found)} elements p:dmDm instead of one")
    return found[0]


def check_hash(content, dm_hash, where):
    demand(dm_hash.algorithm == "SHA-256", f"{where}: the hash's algorithm is {dm_hash.algorithm}")
    demand(
        hashlib.sha256(content).digest() == dm_hash._value_1,
        f"{where}: dmHash is not the SHA-256 of the bytes of p:dmDm",
    )


def cms_content(path):
    """What is sealed inside a file, taken out by openssl; trust is judged elsewhere."""
    command = ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", str(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    demand(done.returncode == 0, f"openssl cms refuses {path.name}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout

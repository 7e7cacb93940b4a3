"""What the other files stand on: hashes, exact base64, and Ed25519 by the `openssl` command."""
import base64, functools, hashlib, os, re, subprocess, tempfile

from jcs import Refused, canonical

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
PEM = re.compile(r"\ufeff?[ \t\r\n]*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]{1,256})-----END PUBLIC KEY-----[ \t\r\n]*")
BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def labelled(label, value):
    return sha256(f"qoc.evidence/v1/{label}\n".encode() + canonical(value))


def decode(encoded, length=None):
    """The bytes of padded base64, refused unless they encode to the same text."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused("BASE64_NOT_EXACT") from None
    if base64.b64encode(data).decode() != encoded:
        raise Refused("BASE64_NOT_EXACT")
    if length is not None and len(data) != length:
        raise Refused("SHAPE_INVALID")
    return data


def decode_url(encoded, length=None):
    if not BASE64URL.fullmatch(encoded):
        raise Refused("BASE64_NOT_EXACT")
    return decode(encoded.translate(str.maketrans("-_", "+/")) + "=" * (-len(encoded) % 4), length)


def encode_url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def commitment_of(disclosure):
    return encode_url(hashlib.sha256(disclosure.encode()).digest())


def raw_key(pem):
    """The 32 bytes of an Ed25519 key in SPKI PEM, or None."""
    found = PEM.fullmatch(pem)
    try:
        der = decode(re.sub(r"[\r\n]", "", found[1])) if found else b""
    except Refused:
        return None
    return der[12:] if len(der) == 44 and der.startswith(ED25519_SPKI) else None


@functools.lru_cache(maxsize=4096)
def verifies(raw, message, signature):
    """Whether the holder of the raw public key made this Ed25519 signature."""
    if len(signature) != 64:
        return False
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for path, content in zip(paths, (ED25519_SPKI + raw, message, signature)):
            with open(path, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths[0], "-rawin",
                   "-in", paths[1], "-sigfile", paths[2]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

"""RFC 6962 trees, C2SP signed notes, checkpoints and log proofs, and the forms of this log's leaves."""
import hashlib, re

from basics import decode, sha256, verifies
from form import HEX, SAFE_MAX, fits, like
from jcs import Refused, canonical, parse

NOTE_MAX, SIGNATURES_MAX, PROOF_MAX = 256 * 1024, 16, 512 * 1024
NAME = re.compile(r"[^\s+\x00-\x1f]+")
COUNT = re.compile(r"0|[1-9][0-9]*", re.ASCII)


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(data):
    return digest(b"\0", data)


def node_hash(left, right):
    return digest(b"\1", left, right)


def root_of(hashes):
    """RFC 6962, 2.1, over the hashes of the leaves."""
    if len(hashes) < 2:
        return hashes[0] if hashes else digest()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def included(leaf, index, size, proof, root):
    """RFC 9162, 2.1.3.2"""
    if index >= size:
        return False
    at, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(other, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, other)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(old_size, old_root, size, root, proof):
    """RFC 9162, 2.1.4.2; every tree goes on from the empty one."""
    if old_size > size or (size == 0 and root != digest()):
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == digest()
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    of_old = of_new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            of_old, of_new = node_hash(other, of_old), node_hash(other, of_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            of_new = node_hash(of_new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == root


def exact(encoded, length=None):
    """The bytes of base64 that re-encodes to itself and has this length, else None."""
    try:
        return decode(encoded, length)
    except Refused:
        return None


def whole_number(text):
    return int(text) if len(text) < 17 and COUNT.fullmatch(text) and int(text) <= SAFE_MAX else None


# --- Notes. A verifier is (name, type, raw key): type 1 signs the text, type 4 is a witness and signs a time with it. ---

def key_id(verifier):
    name, kind, raw = verifier
    return digest(name.encode("utf-8", "surrogatepass"), b"\n", bytes([kind]), raw)[:4]


def read_vkey(text):
    name, _, rest = text.partition("+")
    named_id, _, encoded = rest.partition("+")
    data = exact(encoded, 33)
    if data is None or data[0] not in (1, 4) or not NAME.fullmatch(name):
        return None
    verifier = (name, data[0], data[1:])
    return verifier if named_id == key_id(verifier).hex() else None


def signed_by(verifier, text, signature):
    _, kind, raw = verifier
    if kind == 1:
        return verifies(raw, text, signature)
    time = int.from_bytes(signature[:8], "big")
    if len(signature) != 72 or time >= 2**63:
        return False
    return verifies(raw, f"cosignature/v1\ntime {time}\n".encode() + text, signature[8:])


def open_note(note, verifiers):
    """The text and the verifiers that signed it; None when no known one did, or one of them did not sign what it is said to."""
    data = note.encode("utf-8", "surrogatepass")
    if len(data) > NOTE_MAX or re.search(rb"[\x00-\x09\x0b-\x1f]", data) or not note.endswith("\n"):
        return None
    text, blank, below = note.rpartition("\n\n")
    lines = below[:-1].split("\n")
    if not blank or len(lines) > SIGNATURES_MAX:
        return None
    text, by = (text + "\n").encode(), []
    for line in lines:
        found = re.fullmatch(r"\u2014 ([^ ]+) ([^ ]+)", line)
        blob = exact(found[2]) if found and NAME.fullmatch(found[1]) else None
        if blob is None or len(blob) < 5:
            return None
        for verifier in verifiers:
            if verifier[0] == found[1] and key_id(verifier) == blob[:4]:
                if not signed_by(verifier, text, blob[4:]):
                    return None
                by.append(verifier)
    return (text.decode(), by) if by else None


def read_checkpoint(text):
    """Origin, size and root; None for a text of another form."""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        return None
    size, root = whole_number(lines[1]), exact(lines[2], 32)
    return None if size is None or root is None else (lines[0], size, root)


def read_proof(text):
    """Index, hashes, checkpoint and extra (or None); None for a text that is no c2sp.org/tlog-proof@v1."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > PROOF_MAX or not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        return None
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = exact(lines.pop(0)[6:])
        if not extra:
            return None
    if not lines or not lines[0].startswith("index "):
        return None
    index = whole_number(lines.pop(0)[6:])
    hashes = [exact(line, 32) for line in lines]
    if index is None or None in hashes or len(hashes) > 63 or len(checkpoint) < 2 or not checkpoint.endswith("\n"):
        return None
    return index, hashes, checkpoint, extra


# --- Leaves ---

def exactly(length):
    return lambda value: isinstance(value, str) and exact(value, length) is not None


def natural(value):
    return isinstance(value, float) and value.is_integer() and 0 <= value <= SAFE_MAX


LEAVES = {
    "seal": {"seal": HEX},
    "amendment": {"of": natural, "seal": HEX},
    "received": {"mark": HEX},
    "erasure": {"of": natural},
    "key": {"auth": exactly(64), "key": exactly(32), "pop": exactly(64), "prev": HEX},
    "epoch": {"epoch": lambda value: natural(value) and value >= 2, "prev": {"root": exactly(32), "size": natural}}}


def read_leaf(data):
    """The leaf, None for all bytes that are none."""
    try:
        leaf, bytes_of_it = parse(data)
    except Refused:
        return None
    kind = leaf.get("t") if isinstance(leaf, dict) else None
    if bytes_of_it != data or not isinstance(kind, str) or kind not in LEAVES:
        return None
    return leaf if fits({**LEAVES[kind], "t": {kind}, "v": lambda value: value == 1.0 and value is not True}, leaf) else None


def seal_leaf(seal_hash):
    return canonical({"seal": seal_hash, "t": "seal", "v": 1.0})


def known_by(leaf, data):
    """What a leaf is known by in its log, which has none twice."""
    return leaf.get("seal") or leaf.get("mark") or sha256(data)

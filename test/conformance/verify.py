#!/usr/bin/env python3
"""A second verifier of evidence envelopes and amendments, to level E2.

Written from src/evidence/README.md alone; it needs Python 3.8 and the `openssl` command, version 3, and nothing else.

    verify.py [--key PEM]... [--origin ORIGIN] [--artifacts DIR] FILE...

prints one line of JSON for each file, and ends with 0 when all of them are accepted, 1 when not, 2 when called wrongly.
DIR holds artifacts by their SHA-256, flat or as <first two digits>/<sha256>.
"""
import argparse, base64, hashlib, json, os, re, subprocess, sys, tempfile, uuid

sys.dont_write_bytecode = True
from form import DOCUMENT, PAYLOAD_TYPE, fits, is_leaf, like
from jcs import Refused, canonical, parse, utf16

SIZE_MAX = 16 * 1024 * 1024
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")


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


def decode_url(encoded, length):
    if not like(r"[A-Za-z0-9_-]*")(encoded):
        raise Refused("BASE64_NOT_EXACT")
    return decode(encoded.translate(str.maketrans("-_", "+/")) + "=" * (-len(encoded) % 4), length)


def encode_url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# --- The checks, numbered as on the page; each tells a set of codes. ---

def read(data):
    """1: the document, the DSSE payload, the signatures and K, or Refused."""
    if len(data) > SIZE_MAX:
        raise Refused("SIZE_EXCEEDED")
    document, bytes_of_it = parse(data)
    if bytes_of_it != data:
        raise Refused("BYTES_NOT_CANONICAL")
    if not fits(DOCUMENT, document):
        raise Refused("SHAPE_INVALID")
    integrity = document["integrity"]
    for link in integrity["hash_chain"]:
        for commitment in link["fields"].values():
            decode_url(commitment, 32)
    signatures = [(one["keyid"], decode(one["sig"], 64)) for one in integrity["dsse"]["signatures"]]
    return document, decode(integrity["dsse"]["payload"]), signatures, decode_url(integrity["disclosure_key"], 32)


def belongs_together(document):
    amends, amended = document["amends"], document["execution"]["outcome"] == "amended"
    if document["kind"] == "envelope":
        return amends is None and not amended
    if amends is None or not amended or not 1 <= amends["ordinal"] < 2**32:
        return False
    derived = labelled("amendment", {"evidence_id": amends["evidence_id"], "ordinal": amends["ordinal"]})
    raw = bytearray.fromhex(derived[:32])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return document["evidence_id"] == str(uuid.UUID(bytes=bytes(raw)))


def check_ids(document):
    """2"""
    codes = set() if belongs_together(document) else {"AMENDMENT_MISMATCH"}
    lists = ((document["artifacts"], "a"), (document["observations"], "o"), (document["execution"]["steps"], "s"))
    if any(item["id"] != f"{letter}{n}" for items, letter in lists for n, item in enumerate(items, 1)):
        codes.add("ID_UNEXPECTED")
    known = {artifact["id"] for artifact in document["artifacts"]}
    bases = [one["basis_artifact_ids"] for one in document["observations"]]
    bases += [one["artifact_ids"] for one in document["execution"]["steps"]]
    return codes | ({"BASIS_UNKNOWN"} if any(not known.issuperset(basis) for basis in bases) else set())


def leaves(value, pointer=""):
    if is_leaf(value):
        yield pointer, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{index}")
    else:
        for name, item in value.items():
            yield from leaves(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


OPEN = re.compile(r"/(schema|kind|evidence_id|amends/evidence_id|subject/anchored|execution/outcome"
                  r"|execution/steps/\d+/(id|kind|status|exit_code)|artifacts/\d+/(id|kind)"
                  r"|observations/\d+/(id|name|state|at))", re.ASCII)


def is_open(pointer, value, document):
    signed = re.fullmatch(r"/observations/(\d+)/value", pointer, re.ASCII)
    if signed and isinstance(value, bool):
        return document["observations"][int(signed[1])]["name"] == "signature_verified"
    return OPEN.fullmatch(pointer) is not None


def check_links(document):
    """3, of the links among themselves"""
    codes, integrity = set(), document["integrity"]
    chain, seal = integrity["hash_chain"], integrity["seal"]
    genesis = {name: document[name] for name in ("schema", "evidence_id", "kind", "amends")}
    expected = labelled("genesis", {**genesis, "origin": seal["origin"]})
    for place, link in enumerate(chain):
        if link["seq"] != place:
            codes.add("LINK_OUT_OF_ORDER")
        if link["prev"] != expected:
            codes.add("LINK_BROKEN")
        expected = labelled("link", link)
    if integrity["head_entry_hash"] != expected or seal["head_entry_hash"] != expected:
        codes.add("HEAD_MISMATCH")
    if seal["chain_length"] != len(chain):
        codes.add("CHAIN_LENGTH_MISMATCH")
    if seal["field_count"] != sum(len(link["fields"]) for link in chain):
        codes.add("FIELD_COUNT_MISMATCH")
    return codes


def check_leaves(document, key):
    """3, of the links against the document"""
    codes, seen = set(), set()
    values = dict(leaves({name: document[name] for name in document if name != "integrity"}))
    for place, link in enumerate(document["integrity"]["hash_chain"]):
        committed = sorted(link["fields"], key=utf16)
        stream = hashlib.shake_256(key + b"qoc.evidence/v1/salts" + place.to_bytes(4, "big"))
        pieces = stream.digest(16 * len(committed))
        salts = {pointer: encode_url(pieces[16 * n:16 * n + 16]) for n, pointer in enumerate(committed)}
        for pointer in [*link["open"], *committed]:
            if pointer in seen:
                codes.add("POINTER_REPEATED")
            seen.add(pointer)
            if pointer not in values:
                codes.add("POINTER_DANGLING")
            elif is_open(pointer, values[pointer], document) != (pointer in link["open"]):
                codes.add("LEAF_MISCLASSED")
            elif pointer in link["open"]:
                if canonical(link["open"][pointer]) != canonical(values[pointer]):
                    codes.add("OPEN_MISMATCH")
            else:
                disclosure = encode_url(canonical([salts[pointer], pointer, values[pointer]]))
                if link["fields"][pointer] != encode_url(hashlib.sha256(disclosure.encode()).digest()):
                    codes.add("COMMITMENT_MISMATCH")
    return codes | ({"LEAF_UNCOVERED"} if values.keys() - seen else set())


def check_seal(document, payload):
    """4, and the places of observations"""
    codes, integrity = set(), document["integrity"]
    chain, seal = integrity["hash_chain"], integrity["seal"]
    for n, observation in enumerate(document["observations"]):
        held = [link for link in chain if f"/observations/{n}/id" in link["open"]]
        if not held or (observation["state"], observation["at"]) != (held[0]["step"], held[0]["at"]):
            codes.add("OBSERVATION_MISPLACED")
    if not chain or not document["generated_at"] == seal["sealed_at"] == chain[-1]["at"]:
        codes.add("TIME_MISMATCH")
    if any(seal[name] != document[name] for name in ("schema", "evidence_id", "kind")):
        codes.add("SEAL_MISMATCH")
    if integrity["seal_hash"] != labelled("seal", seal):
        codes.add("SEAL_HASH_MISMATCH")
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"urn:qoc:evidence:{document['evidence_id']}",
                     "digest": {"sha256": integrity["seal_hash"]}}],
        "predicateType": "urn:qoc:evidence:v1",
        "predicate": {"seal": seal, "hash_chain": chain}}
    return codes | ({"STATEMENT_MISMATCH"} if payload != canonical(statement) else set())


def raw_key(pem):
    """The 32 bytes of an Ed25519 key in SPKI PEM, or None."""
    found = re.fullmatch(r"\s*-----BEGIN PUBLIC KEY-----\s(.*?)-----END PUBLIC KEY-----\s*", pem, re.DOTALL)
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except ValueError:
        return None
    return der[12:] if len(der) == 44 and der.startswith(ED25519_SPKI) else None


def openssl_verifies(pem, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for path, content in zip(paths, (pem.encode(), message, signature)):
            with open(path, "wb") as file:
                file.write(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", paths[0], "-rawin", "-in", paths[1],
                   "-sigfile", paths[2]]
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def check_signature(payload, signatures, pems):
    """5"""
    given = {raw_key(pem): pem for pem in pems}
    codes = {"KEY_UNUSABLE"} if None in given else set()
    keys = {sha256(raw): pem for raw, pem in given.items() if raw is not None}
    if len(signatures) != 1:
        return codes | {"SIGNATURE_COUNT"}
    if not pems:
        return codes | {"KEY_NOT_GIVEN"}
    keyid, signature = signatures[0]
    if keyid not in keys:
        return codes | {"KEY_UNKNOWN"}
    message = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload
    return codes | (set() if openssl_verifies(keys[keyid], message, signature) else {"SIGNATURE_INVALID"})


def artifact_at_hand(folder, digest):
    for path in (os.path.join(folder, digest[:2], digest), os.path.join(folder, digest)):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read()
    return None


def check_around(document, origin, folder):
    """6"""
    codes = set()
    if origin is not None and document["integrity"]["seal"]["origin"] != origin:
        codes.add("ORIGIN_UNEXPECTED")
    for artifact in document["artifacts"]:
        if artifact["content_uri"] != f"urn:sha256:{artifact['sha256']}":
            codes.add("URI_MISMATCH")
        found = artifact_at_hand(folder, artifact["sha256"]) if folder else None
        if found is not None and (sha256(found) != artifact["sha256"] or len(found) != artifact["bytes"]):
            codes.add("ARTIFACT_MISMATCH")
    return codes


def verify(data, pems, origin=None, folder=None):
    """The level, and every code in alphabetical order."""
    try:
        document, payload, signatures, key = read(data)
    except Refused as refused:
        return "none", [refused.args[0]]
    chain = check_ids(document) | check_links(document) | check_leaves(document, key) | check_seal(document, payload)
    signed = check_signature(payload, signatures, pems)
    level = "E0" if chain else "E2" if signed <= {"KEY_UNUSABLE"} else "E1"
    return level, sorted(chain | signed | check_around(document, origin, folder))


def main():
    parser = argparse.ArgumentParser(description="Verifies evidence envelopes and amendments to level E2.")
    parser.add_argument("--key", action="append", default=[], help="an Ed25519 public key, SPKI PEM")
    parser.add_argument("--origin", help="the origin that is expected")
    parser.add_argument("--artifacts", help="a folder of artifacts, named by their SHA-256")
    parser.add_argument("files", nargs="+", metavar="FILE")
    given = parser.parse_args()
    pems = []
    for path in given.key:
        with open(path, encoding="utf-8") as file:
            pems.append(file.read())
    accepted = True
    for path in given.files:
        with open(path, "rb") as file:
            level, codes = verify(file.read(SIZE_MAX + 1), pems, given.origin, given.artifacts)
        ok = level == "E2" and not codes
        accepted = accepted and ok
        print(json.dumps({"file": path, "ok": ok, "level": level, "codes": codes}))
    return 0 if accepted else 1


if __name__ == "__main__":
    sys.exit(main())

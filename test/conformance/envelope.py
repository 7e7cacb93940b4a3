"""The checks of an envelope or amendment by itself, numbered as on the page; each tells a set of codes."""
import hashlib, re, uuid

from basics import commitment_of, decode, decode_url, encode_url, labelled
from form import CLOSED, DOCUMENT, OPEN, fits, is_leaf
from jcs import Refused, canonical, parse, utf16

SIZE_MAX = 16 * 1024 * 1024


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
    subject = {"kind": "evidence_envelope", "id": amends["evidence_id"], "source": "qoc", "anchored": False, "meta": []}
    if any(document["subject"][name] not in (CLOSED, value) for name, value in subject.items()):
        return False
    if amends["ordinal"] == 1 and amends["prev_seal_hash"] != amends["seal_hash"]:
        return False
    derived = labelled("amendment", {"evidence_id": amends["evidence_id"], "ordinal": amends["ordinal"]})
    raw = bytearray.fromhex(derived[:32])
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    return document["evidence_id"] == str(uuid.UUID(bytes=bytes(raw)))


def check_identity(document):
    """2, but for what rests on artifacts"""
    codes = set() if belongs_together(document) else {"AMENDMENT_MISMATCH"}
    lists = ((document["artifacts"], "a"), (document["observations"], "o"), (document["execution"]["steps"], "s"))
    if any(item["id"] != f"{letter}{n}" for items, letter in lists for n, item in enumerate(items, 1)):
        codes.add("ID_UNEXPECTED")
    return codes


def check_bases(document):
    """2, what rests on artifacts"""
    known = {artifact["id"] for artifact in document["artifacts"]}
    bases = [one["basis_artifact_ids"] for one in document["observations"]]
    bases += [one["artifact_ids"] for one in document["execution"]["steps"]]
    return {"BASIS_UNKNOWN"} if any(not known.issuperset(basis) for basis in bases) else set()


def leaves(value, pointer=""):
    if is_leaf(value):
        yield pointer, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{index}")
    else:
        for name, item in value.items():
            yield from leaves(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


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


def disclosure(salt, pointer, value):
    return encode_url(canonical([salt, pointer, value]))


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
                told = disclosure(salts[pointer], pointer, values[pointer])
                if link["fields"][pointer] != commitment_of(told):
                    codes.add("COMMITMENT_MISMATCH")
    return codes | ({"LEAF_UNCOVERED"} if values.keys() - seen else set())


def about(document):
    return {"_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": f"urn:qoc:evidence:{document['evidence_id']}",
                         "digest": {"sha256": document["integrity"]["seal_hash"]}}]}


def check_seal(document, payload):
    """4, and the places of observations"""
    codes, integrity = set(), document["integrity"]
    chain, seal = integrity["hash_chain"], integrity["seal"]
    for n, observation in enumerate(document["observations"]):
        held = [link for link in chain if f"/observations/{n}/id" in link["open"]]
        if not held or (observation["state"], observation["at"]) != (held[-1]["step"], held[-1]["at"]):
            codes.add("OBSERVATION_MISPLACED")
    if not chain or not document["generated_at"] == seal["sealed_at"] == chain[-1]["at"]:
        codes.add("TIME_MISMATCH")
    workspace = document["intent"]["trigger"]["workspace"]
    from_it = "/" in seal["origin"] if workspace is CLOSED else seal["origin"].endswith(f"/{workspace}")
    if not from_it or any(seal[name] != document[name] for name in ("schema", "evidence_id", "kind")):
        codes.add("SEAL_MISMATCH")
    if integrity["seal_hash"] != labelled("seal", seal):
        codes.add("SEAL_HASH_MISMATCH")
    predicate = {"seal": seal, "hash_chain": chain}
    statement = {**about(document), "predicateType": "urn:qoc:evidence:v1", "predicate": predicate}
    return codes | ({"STATEMENT_MISMATCH"} if payload != canonical(statement) else set())

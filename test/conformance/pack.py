"""The checks of a public pack: each leaf of the chain opened or closed, and the envelope as far as that tells it."""
import re

import envelope
from basics import commitment_of, decode, decode_url
from form import CLOSED, CORE, DOCUMENT, EXPORTED, OPEN, PACK, SEALED, fits, is_leaf
from jcs import DEPTH_MAX, VALUES_MAX, Refused, canonical, parse, utf16

SIZE_MAX = 64 * 1024 * 1024
INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
BODY = {name: form for name, form in DOCUMENT.items() if name != "integrity"}


def read(data):
    """The pack, the payload of the envelope's statement, and that statement, or Refused."""
    if len(data) > SIZE_MAX:
        raise Refused("SIZE_EXCEEDED")
    pack, bytes_of_it = parse(data)
    if bytes_of_it != data:
        raise Refused("BYTES_NOT_CANONICAL")
    if not fits(PACK, pack):
        raise Refused("SHAPE_INVALID")
    for receipt in pack["redactions"]:
        decode_url(receipt["commitment"], 32)
    payload = signed_part(pack["dsse"])[0]
    signed_part(pack["export_dsse"])
    try:
        statement, _ = parse(payload)
    except Refused:
        raise Refused("SHAPE_INVALID") from None
    if not fits(SEALED, statement) or not statement["subject"]:
        raise Refused("SHAPE_INVALID")
    for link in statement["predicate"]["hash_chain"]:
        for commitment in link["fields"].values():
            decode_url(commitment, 32)
    return pack, payload, statement


def signed_part(dsse):
    """The payload, and the signatures by keyid."""
    return decode(dsse["payload"]), [(one["keyid"], decode(one["sig"], 64)) for one in dsse["signatures"]]


def read_disclosure(sent):
    """Salt, pointer and value; None unless it is the one spelling of them."""
    try:
        data = decode_url(sent)
        parts, bytes_of_it = parse(data)
        if bytes_of_it != data or not fits([lambda part: True], parts) or len(parts) != 3:
            return None
        salt, pointer, value = parts
        if not isinstance(salt, str) or not isinstance(pointer, str) or not is_leaf(value):
            return None
        decode_url(salt, 16)
        return salt, pointer, value
    except Refused:
        return None


def account(pack, chain):
    """Every leaf of the chain with its value, CLOSED where it is closed; and the codes of how it was told."""
    codes, clear, committed, opened, strays = set(), {}, {}, {}, []
    for place, link in enumerate(chain):
        for pointer in [*link["open"], *link["fields"]]:
            if pointer in clear or pointer in committed:
                codes.add("POINTER_REPEATED")
            if pointer in link["fields"]:
                committed[pointer] = (place, link["fields"][pointer])
            else:
                clear[pointer] = link["open"][pointer]
    for sent in pack["disclosures"]:
        disclosure = read_disclosure(sent)
        if disclosure is None:
            codes.add("DISCLOSURE_MALFORMED")
        elif committed.get(disclosure[1], (0, ""))[1] == commitment_of(sent):
            opened[disclosure[1]] = disclosure[2]
        else:
            strays.append(disclosure)
    receipts = {receipt["path"] for receipt in pack["redactions"]}
    for receipt in pack["redactions"]:
        if committed.get(receipt["path"]) != (receipt["seq"], receipt["commitment"]):
            codes.add("RECEIPT_MISMATCH")
    if receipts & opened.keys():
        codes.add("LEAF_TWICE")
    for texts in (pack["disclosures"], [receipt["path"] for receipt in pack["redactions"]]):
        if any(utf16(a) >= utf16(b) for a, b in zip(texts, texts[1:])):
            codes.add("PACK_UNSORTED")
    closed = committed.keys() - opened.keys()
    unaccounted = closed - receipts
    codes |= {"LEAF_UNACCOUNTED"} if unaccounted else set()
    codes |= {"GENESIS_CLOSED"} if any(re.match(r"/amends(/|\Z)", pointer) for pointer in closed) else set()
    codes |= judge_strays(strays, committed, unaccounted)
    values = {**clear, **{pointer: opened.get(pointer, CLOSED) for pointer in committed}}
    return values, codes | check_classes(clear, committed, values)


def judge_strays(strays, committed, unaccounted):
    """What the chain does not hold; whether one was relabelled is asked of the first alone."""
    for salt, _, value in strays[:1]:
        for pointer in unaccounted:
            again = envelope.disclosure(salt, pointer, value)
            if commitment_of(again) == committed[pointer][1]:
                return {"DISCLOSURE_RELABELLED"}
    return {"DISCLOSURE_MISMATCH" if pointer in unaccounted else "DISCLOSURE_FOREIGN" for _, pointer, _ in strays}


def check_classes(clear, committed, values):
    def is_open(pointer, value):
        claim = re.fullmatch(r"/observations/(\d+)/value", pointer, re.ASCII)
        if claim and isinstance(value, bool):
            return clear.get(f"/observations/{claim[1]}/name") == "signature_verified"
        return OPEN.fullmatch(pointer) is not None

    wrong = any(not is_open(pointer, value) for pointer, value in clear.items())
    return {"LEAF_MISCLASSED"} if wrong or any(is_open(pointer, values[pointer]) for pointer in committed) else set()


# --- A document from its leaves: dicts by token until the end, so that a hostile index costs nothing. ---

def tokens_of(pointer):
    tokens = pointer.split("/")
    if tokens[0] or not 2 <= len(tokens) <= DEPTH_MAX or re.search(r"~(?![01])", pointer):
        raise Refused("LEAVES_MISSHAPEN")
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens[1:]]


class Branch(dict):
    pass


def grow(values):
    root, count = Branch(), 1
    for pointer, value in values.items():
        *path, last = tokens_of(pointer)
        at = root
        for token in path:
            count += token not in at
            if count > VALUES_MAX:
                raise Refused("LEAVES_MISSHAPEN")
            at = at.setdefault(token, Branch())
            if not isinstance(at, Branch):
                raise Refused("LEAVES_MISSHAPEN")  # a leaf within a leaf
        if last in at:
            raise Refused("LEAVES_MISSHAPEN")
        at[last] = value
        count += 1
    if count > VALUES_MAX:
        raise Refused("LEAVES_MISSHAPEN")
    return settle(root)


def settle(node):
    """Lists for the branches whose names are exactly the indexes from 0 on; a branch with some indexes is misshapen."""
    if not isinstance(node, Branch):
        return node
    parts = {name: settle(part) for name, part in node.items()}
    indexes = [name for name in parts if INDEX.fullmatch(name)]
    if not indexes:
        return parts
    if len(indexes) != len(parts) or any(int(name) >= len(parts) for name in indexes):
        raise Refused("LEAVES_MISSHAPEN")
    return [parts[str(index)] for index in range(len(parts))]


def shown(node):
    """What is opened, CLOSED where nothing is; a closed item before an opened one is {}."""
    if is_leaf(node) or node is CLOSED:
        return node
    if isinstance(node, dict):
        parts = {name: shown(part) for name, part in node.items()}
        parts = {name: part for name, part in parts.items() if part is not CLOSED}
        return parts if parts else CLOSED
    items = [shown(item) for item in node]
    while items and items[-1] is CLOSED:
        items.pop()
    return [{} if item is CLOSED else item for item in items] if items else CLOSED


def restore(pack, statement, values):
    """The envelope, with CLOSED in it, or Refused. A closed leaf that can never be closed is the empty text."""
    grown = grow(values)
    told = {pointer: "" if value is CLOSED and (OPEN.fullmatch(pointer) or pointer.startswith("/amends/")) else value
            for pointer, value in values.items()}
    document = grow(told)
    seal = statement["predicate"]["seal"]
    if isinstance(document, dict) and document.get("generated_at") is CLOSED:
        document["generated_at"] = seal.get("sealed_at")
    if not fits(BODY, document):
        raise Refused("LEAVES_MISSHAPEN")
    if not fits(CORE, statement["predicate"]):
        raise Refused("SHAPE_INVALID")
    if document["amends"] is CLOSED:
        document["amends"] = None
    document["integrity"] = {
        "hash_chain": statement["predicate"]["hash_chain"], "head_entry_hash": seal["head_entry_hash"], "seal": seal,
        "seal_hash": statement["subject"][0]["digest"]["sha256"]}
    told_of = shown(grown)
    return document, {} if told_of is CLOSED else told_of


def check_export(pack, values, document):
    payload, _ = signed_part(pack["export_dsse"])
    try:
        said, _ = parse(payload)
    except Refused:
        return {"EXPORT_MISMATCH"}
    if not fits(EXPORTED, said):
        return {"EXPORT_MISMATCH"}
    predicate = {**said["predicate"], "redactions": pack["redactions"]}
    expected = {**envelope.about(document), "predicateType": "urn:qoc:public-pack:v1", "predicate": predicate}
    allowed = predicate["allowed"]
    ascending = all(utf16(a) < utf16(b) for a, b in zip(allowed, allowed[1:]))
    visible = all(values.get(pointer, CLOSED) is not CLOSED for pointer in allowed)
    return set() if payload == canonical(expected) and ascending and visible else {"EXPORT_MISMATCH"}


def check(pack, payload, statement):
    """The envelope as far as it is told, its leaves, and the codes; no envelope when its leaves are those of none."""
    values, codes = account(pack, statement["predicate"]["hash_chain"])
    try:
        document, told = restore(pack, statement, values)
    except Refused as refused:
        if refused.args[0] != "LEAVES_MISSHAPEN":
            raise
        return None, values, codes | {"LEAVES_MISSHAPEN"}
    if pack["evidence_id"] != document["evidence_id"]:
        codes.add("SEAL_MISMATCH")
    if canonical(pack["envelope"]) != canonical(told):
        codes.add("SHOWN_MISMATCH")
    codes |= envelope.check_identity(document) | envelope.check_links(document)
    codes |= envelope.check_seal(document, payload) | check_export(pack, values, document)
    return document, values, codes

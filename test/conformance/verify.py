#!/usr/bin/env python3
"""A second verifier of envelopes, amendments, public packs and logs, to level E4.

Written from src/evidence/README.md alone; it needs Python 3.8 and the `openssl` command, version 3, and nothing else.

    verify.py [--key PEM]... [--origin ORIGIN] [--artifacts DIR] FILE...
    verify.py --policies FILE...     each says what is to be verified, and what the reader trusts and has
    verify.py --logs FOLDER...       the static files of a log, with its log.vkey and, when one was kept, held

prints one line of JSON for each, and ends with 0 when all of them are accepted, 1 when not, 2 when called wrongly.
DIR holds artifacts by their SHA-256, flat or as <first two digits>/<sha256>. Paths in a policy are relative to this file.
"""
import argparse, base64, json, os, re, sys

sys.dont_write_bytecode = True
import envelope, pack, static_log, trust
from basics import sha256
from form import CLOSED
from jcs import Refused, parse

HERE = os.path.dirname(os.path.abspath(__file__))


def contents(path, limit=-1):
    with open(path, "rb") as file:
        return file.read(limit)


def artifact_at_hand(folder, digest):
    for path in (os.path.join(folder, digest[:2], digest), os.path.join(folder, digest)):
        if os.path.isfile(path):
            return contents(path)
    return None


def check_artifacts(document, folder):
    """6, of what is told of each"""
    codes = set()
    for artifact in document["artifacts"]:
        digest, uri, size = artifact["sha256"], artifact["content_uri"], artifact["bytes"]
        if uri is not CLOSED:
            named = re.fullmatch(r"urn:sha256:[0-9a-f]{64}", uri) if digest is CLOSED else uri == f"urn:sha256:{digest}"
            codes |= set() if named else {"URI_MISMATCH"}
        found = artifact_at_hand(folder, digest) if folder and digest is not CLOSED else None
        if found is not None and (sha256(found) != digest or size is not CLOSED and len(found) != size):
            codes.add("ARTIFACT_MISMATCH")
    return codes


def check_opened_bases(document, values):
    known = {artifact["id"] for artifact in document["artifacts"]}
    form = r"/(observations/\d+/basis_artifact_ids|execution/steps/\d+/artifact_ids)/\d+"
    bases = [value for pointer, value in values.items() if re.fullmatch(form, pointer, re.ASCII)]
    return {"BASIS_UNKNOWN"} if any(value is not CLOSED and value not in known for value in bases) else set()


def says_it_is_a_pack(data):
    try:
        document = parse(data)[0] if len(data) <= pack.SIZE_MAX else None
    except Refused:
        return False
    return isinstance(document, dict) and document.get("schema") == "qoc.public-pack/v1"


def verify(data, policy):
    """The level, every code in alphabetical order, and the names of the witnesses that signed."""
    try:
        return verify_pack(data, policy) if says_it_is_a_pack(data) else verify_envelope(data, policy)
    except Refused as refused:
        return "none", [refused.args[0]], []


def verify_envelope(data, policy):
    document, payload, signatures, key = envelope.read(data)
    chain = envelope.check_identity(document) | envelope.check_bases(document) | envelope.check_links(document)
    chain |= envelope.check_leaves(document, key) | envelope.check_seal(document, payload)
    return judge(document, chain, [(payload, signatures, "")], policy, None)


def verify_pack(data, policy):
    document_pack, payload, statement = pack.read(data)
    document, values, chain = pack.check(document_pack, payload, statement)
    if document is None:
        return "E0", sorted(chain), []
    signed = [(*pack.signed_part(document_pack["dsse"]), ""), (*pack.signed_part(document_pack["export_dsse"]), "EXPORT_")]
    bases = check_opened_bases(document, values)
    level, codes, names = judge(document, chain, signed, policy, document_pack["tlog_proof"])
    return level, sorted({*codes, *bases}), names


def judge(document, chain, signed, policy, own_receipt):
    seal = document["integrity"]["seal"]
    keys, around = trust.trusted_keys(policy["keys"], policy.get("key_receipts", []), seal["origin"])
    signature = set()
    for payload, signatures, of in signed:
        found = trust.check_signature(payload, signatures, keys, of)
        signature |= found if policy["keys"] or found == {"SIGNATURE_COUNT"} else {"KEY_NOT_GIVEN"}
    keyid = signed[0][1][0][0] if signed[0][1] else None
    logged, spoilt, level, names = trust.check_receipts(document, keyid, keys, policy, own_receipt)
    if policy.get("origin") not in (None, seal["origin"]):
        around.add("ORIGIN_UNEXPECTED")
    around |= check_artifacts(document, policy.get("artifacts")) | logged
    level = "E0" if chain else "E1" if signature | spoilt else level
    return level, sorted(chain | signature | spoilt | around), names


def read_policy(path):
    """The file to verify, and what the reader has, its files read."""
    def at(name):
        return os.path.join(HERE, name)

    def text(name):
        return contents(at(name)).decode("utf-8", "replace")  # what is no UTF-8 is no text that anybody signed

    policy = json.loads(contents(path))
    policy["keys"] = [text(name) for name in policy["keys"]]
    policy["key_receipts"] = [text(name) for name in policy.get("key_receipts", [])]
    for name, read in (("receipt", text), ("artifacts", at)):
        if name in policy:
            policy[name] = read(policy[name])
    if "held" in policy:
        proof = [base64.b64decode(one) for one in policy["held"]["consistency"]]
        policy["held"] = {"checkpoint": text(policy["held"]["checkpoint"]), "consistency": proof}
    return at(policy.pop("file")), policy


def main():
    parser = argparse.ArgumentParser(description="Verifies envelopes, amendments, public packs and logs.")
    parser.add_argument("--key", action="append", default=[], help="an Ed25519 public key, SPKI PEM")
    parser.add_argument("--origin", help="the origin that is expected")
    parser.add_argument("--artifacts", help="a folder of artifacts, named by their SHA-256")
    parser.add_argument("--policies", action="store_true", help="FILE is a policy, as in policies/")
    parser.add_argument("--logs", action="store_true", help="FILE is the folder of a log, as in logs/")
    parser.add_argument("files", nargs="+", metavar="FILE")
    given = parser.parse_args()
    by_hand = {"keys": [contents(path).decode("utf-8", "replace") for path in given.key], "origin": given.origin,
               "artifacts": given.artifacts}
    accepted = True
    for path in given.files:
        if given.logs:
            codes = sorted(static_log.check(path))
            told, ok = {"codes": codes}, not codes
        else:
            file, policy = read_policy(path) if given.policies else (path, by_hand)
            level, codes, names = verify(contents(file, pack.SIZE_MAX + 1), policy)
            told, ok = {"level": level, "codes": codes, "witnesses": names}, level >= "E2" and level[0] == "E" and not codes
        accepted = accepted and ok
        print(json.dumps({"file": path, "ok": ok, **told}))
    return 0 if accepted else 1


if __name__ == "__main__":
    sys.exit(main())

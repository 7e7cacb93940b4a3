"""What the reader trusts and has: keys, the desk's next keys, the receipt, a checkpoint kept earlier, witnesses."""
import re

import log
from basics import raw_key, sha256, verifies
from form import PAYLOAD_TYPE
from jcs import canonical

NAME_MAX = 256
LOG_NAME = re.compile(r"([!-*,-~]*)/log(?:/([2-9]|[1-9][0-9]+))?", re.ASCII)  # a note's key name has no plus


class Key:
    """A trusted key. `takes` and `gives` are (epoch, index) of the leaves that began and ended its time, where known."""

    def __init__(self, raw, takes=None, gives=None):
        self.raw, self.keyid, self.takes, self.gives = raw, sha256(raw), takes, gives

    def may_seal(self, epoch, index):
        """A later epoch logs again what was sealed before it, so there an ended key's seal may stand anywhere."""
        begun = self.takes is None or (epoch, index) > self.takes
        return begun and not (self.gives and self.gives[0] == epoch and index >= self.gives[1])

    def may_sign(self, epoch, size):
        """The tree that ends with the leaf of a key may be signed by both."""
        begun = self.takes is None or (epoch, size - 1) >= self.takes
        return begun and (self.gives is None or (epoch, size - 1) <= self.gives)


def check_signature(payload, signatures, keys, of=""):
    """The codes of one DSSE signature."""
    if len(signatures) != 1:
        return {"SIGNATURE_COUNT"}
    keyid, signature = signatures[0]
    key = next((one for one in keys if one.keyid == keyid), None)
    if key is None:
        return {of + "KEY_UNKNOWN"}
    message = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} {len(payload)} ".encode() + payload
    return set() if verifies(key.raw, message, signature) else {of + "SIGNATURE_INVALID"}


def open_checkpoint(note, origin, keys):
    """Name, epoch, size and root of a checkpoint of this desk's log, by a trusted key in its time; else None."""
    name = note.split("\n", 1)[0]
    named = LOG_NAME.fullmatch(name)
    if not named or len(name) > NAME_MAX or named[1] != origin or log.whole_number(named[2] or "1") is None:
        return None
    epoch = int(named[2] or 1)
    opened = log.open_note(note, [(name, 1, key.raw) for key in keys])
    read = log.read_checkpoint(opened[0]) if opened else None
    if read is None or read[0] != name:
        return None
    if not any((name, 1, key.raw) in opened[1] and key.may_sign(epoch, read[1]) for key in keys):
        return None
    return {"log": name, "epoch": epoch, "size": read[1], "root": read[2], "note": note}


def open_receipt(text, origin, keys, leaf_of):
    """The checkpoint, with the proof's index and its leaf; None when that is not shown to be below it."""
    proof = log.read_proof(text)
    leaf = leaf_of(proof[3]) if proof else None
    if leaf is None:
        return None
    index, hashes, note, _ = proof
    checkpoint = open_checkpoint(note, origin, keys)
    if not checkpoint or not log.included(log.leaf_hash(leaf), index, checkpoint["size"], hashes, checkpoint["root"]):
        return None
    return {**checkpoint, "index": index}


def trusted_keys(pems, receipts, origin):
    """The keys that were given and those that they authorised in the log, with the codes of what is wrong with either."""
    given = [raw_key(pem) for pem in pems]
    codes = {"KEY_UNUSABLE"} if None in given else set()
    keys = [Key(raw) for raw in dict.fromkeys(given) if raw is not None]
    for text in receipts:
        turned = turn(text, origin, keys)
        codes |= set() if turned else {"KEY_UNAUTHORISED"}
        keys = turned or keys
    return keys, codes


def turn(text, origin, keys):
    """The keys with the one more that the receipt of a key leaf brings, or None."""
    proof = log.read_proof(text)
    leaf = log.read_leaf(proof[3]) if proof and proof[3] else None
    old = next((key for key in keys if leaf and leaf["t"] == "key" and key.keyid == leaf["prev"] and not key.gives), None)
    if old is None:
        return None
    raw, index = log.exact(leaf["key"], 32), proof[0]
    known = next((key for key in keys if key.raw == raw), None)
    message = b"qoc.key/v1\n" + canonical({"key": leaf["key"], "origin": origin, "prev": leaf["prev"]})
    if known and (known is old or known.takes or known.gives):
        return None
    if not verifies(old.raw, message, log.exact(leaf["auth"])) or not verifies(raw, message, log.exact(leaf["pop"])):
        return None
    named = LOG_NAME.fullmatch(proof[2].split("\n", 1)[0])
    here = (int(named[2] or 1) if named and log.whole_number(named[2] or "1") else 0, index)
    keys = [key for key in keys if key not in (old, known)] + [Key(old.raw, old.takes, here), Key(raw, here)]
    receipt = open_receipt(text, origin, keys, lambda extra: extra)
    return keys if receipt and (old.takes is None or here > old.takes) else None


def leaf_of(document):
    """Gives the leaf that a receipt of this document is about, from what stands in its `extra`."""
    seal_hash = document["integrity"]["seal_hash"]

    def rebuilt(extra):
        if document["kind"] == "envelope":
            return log.seal_leaf(seal_hash) if extra is None else None
        leaf = log.read_leaf(extra) if extra else None
        return extra if leaf and leaf["t"] == "amendment" and leaf["seal"] == seal_hash else None

    return rebuilt


def check_receipts(document, keyid, keys, policy, own):
    """The codes of the log, those that the signature is worth nothing with, the level, and the witnesses that signed."""
    origin, codes, spoilt = document["integrity"]["seal"]["origin"], set(), set()
    receipts = []
    for text in [text for text in (policy.get("receipt"), own) if text is not None]:
        receipt = open_receipt(text, origin, keys, leaf_of(document)) if policy["keys"] else None
        receipts.append(receipt)
        signer = next((key for key in keys if key.keyid == keyid), None)
        if receipt is None:
            codes.add("LOG_PROOF_INVALID" if policy["keys"] else "LOG_PROOF_UNCHECKED")
        elif signer and not signer.may_seal(receipt["epoch"], receipt["index"]):
            spoilt.add("KEY_OUT_OF_RANGE")
    receipt = receipts[0] if receipts else None
    held = policy.get("held")
    inconsistent = check_held(held, origin, receipt, keys) if held else set()
    more, names = check_witnesses(policy.get("witnesses", []), policy.get("witnesses_min"), receipt)
    level = "E2" if receipt is None else "E3" if inconsistent or not held else "E4"
    return codes | inconsistent | more, spoilt, level, names


def check_held(held, origin, receipt, keys):
    if receipt is None:
        return {"CHECKPOINT_INCONSISTENT"}
    before = open_checkpoint(held["checkpoint"], origin, keys)
    if before is None or before["log"] != receipt["log"]:
        return {"CHECKPOINT_UNUSABLE"}
    follows = log.consistent(before["size"], before["root"], receipt["size"], receipt["root"], held["consistency"])
    return set() if follows else {"CHECKPOINT_INCONSISTENT"}


def check_witnesses(vkeys, least, receipt):
    """Each is asked alone, and one key is one witness under whatever name."""
    read = [log.read_vkey(vkey) for vkey in vkeys]
    witnesses = {}
    for one in read:
        if one and one[1] == 4:
            witnesses.setdefault(one[2], one)
    codes = {"KEY_UNUSABLE"} if any(one is None or one[1] != 4 for one in read) else set()
    signed = [one for one in witnesses.values() if receipt and log.open_note(receipt["note"], [one])]
    least = (1 if vkeys else 0) if least is None else least
    return codes | ({"WITNESSES_MISSING"} if len(signed) < least else set()), [one[0] for one in signed]

"""The form of an envelope: a dict has exactly these members, a list of one form any number of it, a set is a choice of texts."""
import re

SAFE_MAX = 2**53 - 1
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def text(value):
    return isinstance(value, str)


def like(pattern):
    return lambda value: text(value) and re.fullmatch(pattern, value, re.ASCII) is not None


def or_null(form):
    return lambda value: value is None or fits(form, value)


def count(value):
    return isinstance(value, float) and value.is_integer() and 0 <= value <= SAFE_MAX


def whole(value):
    return isinstance(value, float) and value.is_integer() and abs(value) <= SAFE_MAX


def plain(value):
    return not isinstance(value, (list, dict))


def is_leaf(value):
    return not isinstance(value, (list, dict)) or not value


def observed(value):
    """No sender's name is a key: an object stands as [{ name, value }]."""
    if isinstance(value, dict):
        return fits({"name": text, "value": observed}, value)
    return all(map(observed, value)) if isinstance(value, list) else True


def leaves_by_pointer(leaf):
    return lambda value: isinstance(value, dict) and all(fits(leaf, value[name]) for name in value)


def fits(form, value):
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(fits(form[n], value[n]) for n in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(form[0], item) for item in value)
    if isinstance(form, set):
        return text(value) and value in form
    return form(value)


HEX = like(r"[0-9a-f]{64}")
TIME = like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = like(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KIND = {"envelope", "amendment"}
SCHEMA = {"qoc.evidence/v1"}
PAIRS = [{"name": text, "value": text}]
LINK = {"seq": count, "step": text, "at": TIME, "open": leaves_by_pointer(plain), "fields": leaves_by_pointer(text),
        "prev": HEX}
SEAL = {"schema": SCHEMA, "evidence_id": UUID, "kind": KIND, "origin": text, "chain_length": count,
        "field_count": count, "head_entry_hash": HEX, "sealed_at": TIME}
DOCUMENT = {
    "schema": SCHEMA, "evidence_id": UUID, "kind": KIND,
    "amends": or_null({"evidence_id": UUID, "seal_hash": HEX, "ordinal": count, "prev_seal_hash": HEX}),
    "generated_at": TIME,
    "producer": {"name": text, "version": text, "component": text},
    "intent": {"action": {"inbox", "run"}, "task": or_null(text), "statement": or_null(text),
               "trigger": {"kind": {"webhook"}, "workspace": text, "webhook": text, "provider": or_null(text),
                           "event_type": or_null(text)}},
    "subject": {"kind": text, "id": text, "source": or_null(text), "anchored": lambda v: isinstance(v, bool),
                "meta": PAIRS},
    "runner_context": {"runner_type": text, "os": text, "arch": text, "toolchain": PAIRS},
    "execution": {
        "outcome": {"completed", "failed", "denied", "expired", "superseded", "cancelled", "refused", "amended"},
        "machine": {"id": text, "version": text, "definition_sha256": text},
        "steps": [{"id": text, "kind": text, "status": {"succeeded", "failed", "interrupted", "cancelled"},
                   "exit_code": or_null(whole), "started_at": text, "finished_at": text, "artifact_ids": [text]}]},
    "artifacts": [{"id": text, "kind": text, "media_type": text, "bytes": count, "sha256": HEX, "content_uri": text,
                   "location_hints": [text], "class": {"internal", "public"}}],
    "observations": [{"id": text, "name": text, "value": observed, "at": TIME, "state": text,
                      "basis_artifact_ids": [text]}],
    "redactions": [{"rule_id": text, "path": text, "match_type": text, "match_count": count, "masked_len": count,
                    "timestamp": TIME}],
    "integrity": {"canonicalization": {"rfc8785-jcs"}, "hash": {"sha-256"},
                  "hash_chain": [LINK], "head_entry_hash": HEX, "seal": SEAL,
                  "seal_hash": HEX,
                  "dsse": {"payloadType": {PAYLOAD_TYPE}, "payload": text, "signatures": [{"keyid": HEX, "sig": text}]},
                  "disclosure_key": text}}

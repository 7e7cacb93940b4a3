"""The forms of envelopes, packs and statements: a dict has exactly these members, a list of one form any number of it, a set is a choice of texts."""
import calendar, re

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


class Closed:
    """What stands for a committed leaf that a pack does not open: of any form but that of an object, and as a list empty."""

    def __iter__(self):
        return iter(())


CLOSED = Closed()


def fits(form, value):
    if value is CLOSED:
        return not isinstance(form, dict)
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(fits(form[n], value[n]) for n in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(form[0], item) for item in value)
    if isinstance(form, set):
        return text(value) and value in form
    return form(value)


HEX = like(r"[0-9a-f]{64}")


def TIME(value):
    found = text(value) and re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z", value, re.ASCII)
    if not found:
        return False
    year, month, day, hour, minute, second = map(int, found.groups())
    days = calendar.monthrange(2000 + year % 400, month)[1] if 1 <= month <= 12 else 0
    return 1 <= day <= days and hour < 24 and minute < 60 and second < 60


UUID = like(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPEN = re.compile(r"/(schema|kind|evidence_id|amends/evidence_id|subject/anchored|execution/outcome"
                  r"|execution/steps/\d+/(id|kind|status|exit_code)|artifacts/\d+/(id|kind)"
                  r"|observations/\d+/(id|name|state|at))", re.ASCII)
KIND = {"envelope", "amendment"}
SCHEMA = {"qoc.evidence/v1"}
PAIRS = [{"name": text, "value": text}]
LINK = {"seq": count, "step": text, "at": TIME, "open": leaves_by_pointer(plain), "fields": leaves_by_pointer(text),
        "prev": HEX}
SEAL = {"schema": SCHEMA, "evidence_id": UUID, "kind": KIND, "origin": text, "chain_length": count,
        "field_count": count, "head_entry_hash": HEX, "sealed_at": TIME}
DSSE = {"payloadType": {PAYLOAD_TYPE}, "payload": text, "signatures": [{"keyid": HEX, "sig": text}]}
DOCUMENT = {
    "schema": SCHEMA, "evidence_id": UUID, "kind": KIND,
    "amends": or_null({"evidence_id": UUID, "seal_hash": HEX, "ordinal": count, "prev_seal_hash": HEX}),
    "generated_at": TIME,
    "producer": {"name": text, "version": text, "component": text},
    "intent": {"action": {"inbox", "run"}, "task": or_null(text), "statement": or_null(text),
               "trigger": {"kind": {"webhook", "operator", "agent"}, "workspace": text, "webhook": text,
                           "provider": or_null(text), "event_type": or_null(text)}},
    "subject": {"kind": text, "id": text, "source": or_null(text), "anchored": lambda v: isinstance(v, bool),
                "meta": PAIRS},
    "runner_context": {"runner_type": text, "os": text, "arch": text, "toolchain": PAIRS},
    "execution": {
        "outcome": {"completed", "failed", "denied", "expired", "superseded", "cancelled", "refused", "amended"},
        "machine": {"id": text, "version": text, "definition_sha256": HEX},
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
                  "dsse": DSSE,
                  "disclosure_key": text}}

anything = lambda value: True
any_object = lambda value: isinstance(value, dict)
RECEIPT = {"rule_id": {"default-deny", "erasure"}, "path": text, "seq": count, "commitment": text}
PACK = {"schema": {"qoc.public-pack/v1"}, "evidence_id": UUID, "envelope": any_object, "redactions": [RECEIPT],
        "disclosures": [text], "dsse": DSSE, "export_dsse": DSSE, "tlog_proof": or_null(text)}


def statement(predicate_type, predicate):
    return {"_type": {"https://in-toto.io/Statement/v1"}, "subject": [{"name": text, "digest": {"sha256": HEX}}],
            "predicateType": {predicate_type}, "predicate": predicate}


LOOSE_LINK = {"seq": count, "step": anything, "at": anything, "open": any_object, "fields": leaves_by_pointer(text),
              "prev": anything}
SEALED = statement("urn:qoc:evidence:v1", {"seal": any_object, "hash_chain": [LOOSE_LINK]})
CORE = {"seal": SEAL, "hash_chain": [LINK]}
EXPORTED = statement("urn:qoc:public-pack:v1", {"allowed": [text], "exported_at": TIME, "policy_sha256": HEX,
                                                 "redactions": [RECEIPT]})

"""A log from its static files (C2SP tlog-tiles): that they are whole, and give the root that its key signed."""
import os

import log
from jcs import Refused

WIDTH = 256


def path_of(index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return os.path.join(*groups) + ("" if width == WIDTH else f".p/{width}")


def contents(*path):
    try:
        with open(os.path.join(*path), "rb") as file:
            return file.read()
    except OSError:
        raise Refused("LOG_UNUSABLE") from None


def pieces(count):
    return [(index, min(WIDTH, count - index * WIDTH)) for index in range(-(-count // WIDTH))]


def read_entries(folder, size):
    found = []
    for index, width in pieces(size):
        data, at = contents(folder, "tile", "entries", path_of(index, width)), 0
        for _ in range(width):
            length = int.from_bytes(data[at:at + 2], "big")
            found.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if at != len(data):
            raise Refused("LOG_UNUSABLE")
    return found


def check_leaves(entries, name):
    """Each of its form, once, and about one that stands before it; an epoch's leaf begins every log but the first."""
    leaves, seen = [], set()
    for index, data in enumerate(entries):
        leaf = log.read_leaf(data)
        if leaf is None or log.known_by(leaf, data) in seen:
            raise Refused("LOG_UNUSABLE")
        about = ("seal", "amendment") if leaf["t"] == "erasure" else ("seal",)
        if "of" in leaf and (leaf["of"] >= index or leaves[int(leaf["of"])]["t"] not in about):
            raise Refused("LOG_UNUSABLE")
        if (leaf["t"] == "epoch") != (index == 0 and not name.endswith("/log")):
            raise Refused("LOG_UNUSABLE")
        seen.add(log.known_by(leaf, data))
        leaves.append(leaf)


def check_level(folder, level, hashes):
    """The tiles of one level, then those of the one above, whose hashes are the roots of the full ones."""
    for index, width in pieces(len(hashes)):
        if contents(folder, "tile", str(level), path_of(index, width)) != b"".join(hashes[index * WIDTH:][:width]):
            raise Refused("LOG_UNUSABLE")
    if len(hashes) >= WIDTH:
        full = range(0, len(hashes) // WIDTH * WIDTH, WIDTH)
        check_level(folder, level + 1, [log.root_of(hashes[at:at + WIDTH]) for at in full])


def open_checkpoint(data, verifier):
    try:
        opened = log.open_note(data.decode(), [verifier])
    except UnicodeDecodeError:
        return None
    read = log.read_checkpoint(opened[0]) if opened else None
    return read if read and read[0] == verifier[0] else None


def check(folder):
    """The codes of one log."""
    try:
        verifier = log.read_vkey(contents(folder, "log.vkey").decode("utf-8", "replace").rstrip("\n"))
        checkpoint = open_checkpoint(contents(folder, "checkpoint"), verifier) if verifier and verifier[1] == 1 else None
        if checkpoint is None:
            raise Refused("LOG_UNUSABLE")
        name, size, root = checkpoint
        entries = read_entries(folder, size)
        check_leaves(entries, name)
        hashes = [log.leaf_hash(data) for data in entries]
        check_level(folder, 0, hashes)
        if log.root_of(hashes) != root:
            raise Refused("LOG_UNUSABLE")
    except Refused as refused:
        return {refused.args[0]}
    if not os.path.exists(os.path.join(folder, "held")):
        return set()
    held = open_checkpoint(contents(folder, "held"), verifier)
    if held is None:
        return {"CHECKPOINT_UNUSABLE"}
    return set() if held[1] <= size and log.root_of(hashes[:held[1]]) == held[2] else {"CHECKPOINT_INCONSISTENT"}

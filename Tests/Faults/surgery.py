# Changes to the files of a stopped daemon: rows cut, pages flipped, logs cut, numbers moved.
import os
import random
import sqlite3

MASK = (1 << 64) - 1
TABLES = {"executions": 6, "events": 7}


class Unknown(Exception):
    """The store is not laid out as this file knows it."""


def database(state, name="newel.db"):
    connection = sqlite3.connect(os.path.join(state, name), timeout=1)
    connection.row_factory = sqlite3.Row
    return connection


def change(state, statements):
    """Runs (SQL, parameters) in one transaction and leaves no log; returns the rows that were changed."""
    connection = database(state)
    try:
        count = sum(connection.execute(*statement).rowcount for statement in statements)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return count


def schema(state):
    connection = database(state)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def positions(state, names):
    """The newest row of events of each execution of these names."""
    bits = 26 if schema(state) < 4 else 20
    connection = database(state)
    try:
        ids = [row["id"] for row in connection.execute("SELECT id, name FROM executions") if row["name"] in set(names)]
        found = []
        for number in ids:
            key = (number if bits == 26 else number >> 6) << bits
            row = connection.execute(
                "SELECT max(position) FROM events WHERE position BETWEEN ? AND ?", (key, key + (1 << bits) - 1)).fetchone()
            found.append(row[0])
        return found
    finally:
        connection.close()


def cut_events(state, names, count):
    """Cuts the last bytes of each execution's newest events."""
    return change(state, [
        ("UPDATE events SET body = substr(body, 1, length(body) - ?) WHERE position = ?", (count, position))
        for position in positions(state, names)])


def replace_events(state, names):
    """Replaces the newest events by random bytes, nothing, one byte, a huge length and the like."""
    chance = random.Random(5)
    shapes = [b"", b"\0", b"\xff" * 64, bytes(range(256)), b"\x01" + b"\xff" * 10, b"\x7f" * 9, chance.randbytes(40)]
    return change(state, [
        ("UPDATE events SET body = ? WHERE position = ?", (shapes[n % len(shapes)], position))
        for n, position in enumerate(positions(state, names))])


def delete_events(state, names):
    return change(state, [("DELETE FROM events WHERE position = ?", (p,)) for p in positions(state, names)])


def damage_definition(state, names):
    """Replaces the definition of the executions' machine; returns the number of executions that concerns."""
    connection = database(state)
    revisions = {row["revision"] for row in connection.execute("SELECT revision, name FROM executions")
                 if row["name"] in set(names)}
    connection.close()
    changed = change(state, [
        ("UPDATE revisions SET definition = substr(definition, 1, 20) WHERE id = ?", (r,)) for r in revisions])
    return len(names) if changed else 0


# ---- Row checksums (Storage/SQLite/RowChecksum.swift)


class Checksum:
    """The checksum of a row, computed again so that a row can be moved without being damaged."""

    def __init__(self, table):
        self.state = TABLES[table] * 0xD6E8_FEB8_6659_FD93 & MASK

    def mix(self, word):
        product = (self.state ^ word) * 0x9E37_79B9_7F4A_7C15
        # Swift's precedence: &+ binds as tightly as ^, from the left.
        folded = ((product >> 64) ^ (product & MASK)) + 0xA076_1D64_78BD_642F & MASK
        self.state = (folded << 23 | folded >> 41) & MASK

    def integer(self, value):
        self.mix(value & MASK)

    def optional(self, value, add):
        self.mix(0 if value is None else 1)
        if value is not None:
            add(value)

    def text(self, value):
        self.bytes(value.encode())

    def bytes(self, value):
        self.mix(len(value))
        whole = len(value) // 8 * 8
        for offset in range(0, whole, 8):
            self.mix(int.from_bytes(value[offset:offset + 8], "little"))
        self.mix(int.from_bytes(value[whole:], "big"))

    @property
    def value(self):
        low = (self.state ^ self.state >> 32) & 0xFFFF_FFFF
        return low - (1 << 32) if low >> 31 else low


def execution_checksum(row, number):
    sum_ = Checksum("executions")
    for value in (number, row["machine"], row["revision"]):
        sum_.integer(value)
    sum_.text(row["name"])
    sum_.integer(row["status"])
    sum_.integer(row["start_date"])
    sum_.optional(row["stop_date"], sum_.integer)
    sum_.integer(row["last_event_id"])
    sum_.optional(row["wake_at"], sum_.integer)
    sum_.optional(row["trace_header"], sum_.text)
    sum_.integer(row["redrive_count"])
    sum_.optional(row["redrive_date"], sum_.integer)
    sum_.optional(row["version"], sum_.integer)
    sum_.optional(row["alias"], sum_.text)
    return sum_.value


def events_checksum(row, number):
    sum_ = Checksum("events")
    sum_.integer(number)
    sum_.integer(row["position"] & (1 << 20) - 1)
    sum_.integer(row["last_id"])
    sum_.bytes(row["body"])
    return sum_.value


def renumber(state, name, number):
    """Gives the execution of that name another number, as though so many had been started before it."""
    version = schema(state)
    bits = 26 if version < 4 else 20
    connection = database(state)
    try:
        row = connection.execute("SELECT * FROM executions WHERE name = ?", (name,)).fetchone()
        old = row["id"]
        new = number << 6 | old & 63
        key = lambda execution: (execution if bits == 26 else execution >> 6) << bits  # noqa: E731
        events = connection.execute(
            "SELECT * FROM events WHERE position BETWEEN ? AND ?", (key(old), key(old) + (1 << bits) - 1)).fetchall()
        if version >= 4 and (execution_checksum(row, old) != row["checksum"] or any(
                events_checksum(event, old) != event["checksum"] for event in events)):
            raise Unknown("the checksum of a row is not computed as this file does it")
        connection.execute("UPDATE executions SET id = ? WHERE id = ?", (new, old))
        if version >= 4:
            connection.execute("UPDATE executions SET checksum = ? WHERE id = ?", (execution_checksum(row, new), new))
        for event in events:
            low = event["position"] & (1 << bits) - 1
            connection.execute("UPDATE events SET position = ? WHERE position = ?", (key(new) | low, event["position"]))
            if version >= 4:
                connection.execute(
                    "UPDATE events SET checksum = ? WHERE position = ?", (events_checksum(event, new), key(new) | low))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return new


def highest_number(state):
    connection = database(state)
    try:
        return (connection.execute("SELECT max(id) FROM executions").fetchone()[0] or 0) >> 6
    finally:
        connection.close()


# ---- Raw bytes


def flip(path, offset, bit):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def offsets_of(path, text):
    """Where the bytes occur in the file."""
    with open(path, "rb") as file:
        data = file.read()
    found, at = [], data.find(text)
    while at >= 0:
        found.append(at)
        at = data.find(text, at + 1)
    return found


def truncate(path, share=None, size=None):
    whole = os.path.getsize(path)
    os.truncate(path, size if size is not None else int(whole * share))
    return whole


def frames(path):
    """The number of bytes of a WAL's header and of each frame."""
    with open(path, "rb") as file:
        header = file.read(32)
    page = int.from_bytes(header[8:12], "big")
    return 32, 24 + page


def pages_in_log(path):
    """The pages that the WAL holds newer versions of."""
    if not os.path.exists(path) or os.path.getsize(path) < 32:
        return set()
    with open(path, "rb") as file:
        data = file.read()
    salts, size, pages = data[16:24], 24 + int.from_bytes(data[8:12], "big"), set()
    for offset in range(32, len(data) - size + 1, size):
        if data[offset + 8:offset + 16] != salts:
            break
        pages.add(int.from_bytes(data[offset:offset + 4], "big"))
    return pages

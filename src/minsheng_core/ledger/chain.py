"""Whether a ledger is as it was: the chain of hashes held together again, its attachments, its rules, and a head signed earlier."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import LedgerError
from ..finding import Finding, Place
from ..scheme import model
from .book import Book, fold
from .entry import START, Entry
from .stages import permit

if TYPE_CHECKING:
    from .store import Found, Ledger

__all__ = ["check_head", "export", "new_key", "signed_head", "verify"]

HEAD = "minsheng.ledger-head/1"


def verify(ledger: "Ledger", scheme: model.Scheme) -> tuple[Finding, ...]:
    """Every place where the ledger isn't whole: a gap, a changed or unreadable entry, a broken chain, an entry that the rules of
    stages never allowed, an attachment that is missing, changed, or that no entry names any more; guards of the database that were
    taken off. Empty where all is well."""
    found = ledger.found()
    entries = [one.entry for one in found if one.entry is not None]
    guards = [] if ledger.guarded() else [_finding(ledger.place, 0, "guards", "数据库里防改、防删的设置被拆掉了：有人可能改过台账")]
    return (*_chain(ledger.place, found), *_rules(ledger.place, entries, scheme), *_attachments(ledger, entries), *guards)


def _finding(place: str, seq: int, code: str, message: str) -> Finding:
    return Finding(code=f"ledger.{code}", message=message, place=Place(place, max(seq, 0)))


def _chain(place: str, found: Sequence["Found"]) -> Iterator[Finding]:
    seq, previous = 0, START
    for one in found:
        if one.seq <= 0:
            yield _finding(place, one.seq, "foreign", f"第{one.seq}条不是台账记入的：编号从1起")
            continue
        if one.seq != seq + 1:
            gone = f"第{seq + 1}条" if one.seq == seq + 2 else f"第{seq + 1}条至第{one.seq - 1}条"
            yield _finding(place, one.seq, "gap", f"{gone}不见了")
        if one.entry is None:
            yield _finding(place, one.seq, "unreadable", f"第{one.seq}条读不出来：记入之后被改过")
            seq, previous = one.seq, ""
            continue
        if one.entry.previous != previous and one.seq == seq + 1 and previous:
            yield _finding(place, one.seq, "chain", f"第{one.seq}条没有接在第{seq}条之后：前一条被改过，或被换过")
        if not one.whole:
            yield _finding(place, one.seq, "changed", f"第{one.seq}条的内容与它的哈希不符：记入之后被改过")
        seq, previous = one.seq, one.entry.hash


def _rules(place: str, entries: Sequence[Entry], scheme: model.Scheme) -> Iterator[Finding]:
    book = Book()
    for entry in entries:
        try:
            permit(scheme, book, entry.draft)
            book = fold([entry], book)
        except LedgerError as error:
            yield _finding(place, entry.seq, "rule", f"第{entry.seq}条不合规则：{error}")
        except Exception as error:  # noqa: BLE001 - an entry that somebody forged may hold anything
            yield _finding(place, entry.seq, "rule", f"第{entry.seq}条读不懂：{type(error).__name__} {error}")


def _attachments(ledger: "Ledger", entries: Sequence[Entry]) -> Iterator[Finding]:
    kept, named = ledger.attachments(), set()
    for entry in entries:
        for sha256 in _named(entry):
            named.add(sha256)
            if sha256 not in kept:
                yield _finding(ledger.place, entry.seq, "attachment", f"第{entry.seq}条的附件 {sha256[:16]}… 不见了")
            elif kept[sha256] != sha256:
                yield _finding(ledger.place, entry.seq, "attachment", f"第{entry.seq}条的附件 {sha256[:16]}… 内容被改过")
    for sha256 in kept.keys() - named:
        yield _finding(ledger.place, 0, "attachment", f"附件 {sha256[:16]}… 没有一条提到：提到它的那条被删掉了")


def _named(entry: Entry) -> list[str]:
    """The attachments of an entry, whatever somebody has made of it."""
    data = entry.draft.data
    said = [data.get("sha256")] if entry.draft.kind == "intake" else data.get("attachments")
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []


# -- out of the house ------------------------------------------------------------------------------------------------


def export(entries: Iterable[Entry]) -> str:
    """Every entry as a line of JSON, in order, with its hashes: what anybody can check without this library."""
    return "".join(f"{json.dumps(_line(entry), ensure_ascii=False, sort_keys=True)}\n" for entry in entries)


def _line(entry: Entry) -> dict[str, Any]:
    draft = entry.draft
    return {
        "seq": entry.seq, "at": draft.at.isoformat(), "kind": draft.kind, "by": [draft.by.name, draft.by.body],
        "unit": str(draft.unit) if draft.unit else "", "data": draft.data, "previous": entry.previous, "hash": entry.hash,
    }  # fmt: skip


def new_key() -> tuple[bytes, bytes]:
    """A new Ed25519 key for signing heads: the private one (keep it) and the public one (publish it), each as PEM."""
    ed25519, serialization = _cryptography()
    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, _public(key)


def signed_head(entries: Sequence[Entry], scheme: str, key: bytes) -> dict[str, Any]:
    """The number and hash of the last entry, signed: whoever keeps it can tell later whether anything before it was changed.

    Raises LedgerError for an empty ledger, or a key that is none.
    """
    if not entries:
        raise LedgerError("台账是空的，没有可签的末条")
    signer = _private(key)
    head = {"format": HEAD, "scheme": scheme, "seq": entries[-1].seq, "hash": entries[-1].hash, "at": entries[-1].draft.at.isoformat()}
    return {**head, "public_key": _public(signer).decode(), "signature": signer.sign(_canonical(head)).hex()}


def check_head(ledger: "Ledger", head: Mapping[str, Any], public_key: bytes | None = None) -> None:
    """Nothing where the ledger still holds what was signed, and has only grown since. Raises LedgerError with what is wrong.

    With *public_key*, the head must be signed by that very key, and not just by the one it names itself.
    """
    _cryptography()
    from cryptography.exceptions import InvalidSignature

    said = {name: head.get(name) for name in ("format", "scheme", "seq", "hash", "at")}
    if said["format"] != HEAD:
        raise LedgerError("这不是台账的签名文件")
    named = str(head.get("public_key", "")).encode()
    if public_key is not None and public_key.strip() != named.strip():
        raise LedgerError("签名用的不是给出的那把公钥")
    try:
        _loaded_public(named).verify(bytes.fromhex(str(head.get("signature", ""))), _canonical(said))
    except (InvalidSignature, ValueError):
        raise LedgerError("签名不对：签名文件被改过，或不是这把公钥签的") from None
    held = next((one for one in ledger.found() if one.seq == said["seq"]), None)
    if held is None:
        raise LedgerError(f"签名时台账有{said['seq']}条，现在没有这么多了")
    if held.entry is None or not held.whole or held.entry.hash != said["hash"]:
        raise LedgerError(f"第{held.seq}条与签名时不同：签名之前的内容被改过")


def _canonical(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise LedgerError('签名需要另装：pip install "minsheng-core[sign]"') from None
    return ed25519, serialization


def _public(key: Any) -> bytes:
    _, serialization = _cryptography()
    made: bytes = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made


def _private(key: bytes) -> Any:
    ed25519, serialization = _cryptography()
    try:
        found = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        raise LedgerError("这不是 Ed25519 私钥；用 minsheng ledger key 生成一把")
    return found


def _loaded_public(key: bytes) -> Any:
    ed25519, serialization = _cryptography()
    try:
        found = serialization.load_pem_public_key(key)
    except ValueError:
        found = None
    if not isinstance(found, ed25519.Ed25519PublicKey):
        raise LedgerError("签名文件里没有 Ed25519 公钥")
    return found

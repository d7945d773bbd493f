"""
What is known of a Google tenant's lists: the email allow list (exported or pasted) and the inbound gateway's (pasted; no export shows it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..environment import DomainScope, Phase, Platform
from ..knowledge.sending_ranges import sending_ranges
from ..observations import GivenText
from ..standards.ranges import AddressSet, Network, outermost, subtract
from .case import Case
from .pasted import Entry, PastedList, networks_of, read_list
from .pasted_faults import Fault, Issue
from .ranges import Reference, console_networks, may_be_trusted
from .tenant import concerned

GOOGLE = (Platform.GOOGLE_WORKSPACE.value,)
"""
The platform these checks concern.
"""
STRAY = frozenset({Fault.INVISIBLE, Fault.STRAY, Fault.SEPARATOR, Fault.SPACES, Fault.NOT_AN_ADDRESS, Fault.PREFIX, Fault.UNCLEAR})
"""
Faults by which Google drops an entry without a word: characters that do not belong to it, or that make no address at all.
"""
ALLOWLIST_HOW, ALLOWLIST_ONLY = "google_allowlist_in_place", "google_allowlist_only"
GATEWAY_HOW, GATEWAY_ONLY, GATEWAY_WITHOUT_GOOGLE = "google_gateway_in_place", "google_gateway_only", "google_gateway_without_google"
"""
How a list is put right, by names of ``words.value``; whoever says the same thing about a list says it in the same words, so that it is one
thing to do.
"""
MOST_SHOWN = 20
"""
Entries of a list that a finding shows.
"""


@dataclass(frozen=True, slots=True)
class GivenList:
    """
    One list of the tenant.

    Args:
        listed: What is in it.
        stray: Entries that Google does not read.
        evidence: Ids of the file or the pasted text.
        exported: It comes from an export.
    """

    listed: PastedList
    stray: tuple[Issue, ...]
    evidence: tuple[str, ...]
    exported: bool = False

    @property
    def networks(self) -> list[Network]:
        """
        Every network of every entry.
        """
        return self.listed.networks


def google_scopes(case: Case) -> tuple[DomainScope, ...]:
    """
    The domains with mail at Google.
    """
    return concerned(case, GOOGLE)


def all_locked(scopes: Iterable[DomainScope]) -> bool:
    """
    True where every domain is at lockdown; the settings are the whole tenant's, so the slowest domain decides.
    """
    return all(scope.phase is Phase.LOCKDOWN for scope in scopes)


def allow_list(case: Case) -> GivenList | None:
    """
    The email allow list: the exported one where there is one, with the stray characters of the pasted one as well. None for neither.
    """
    pasted = _pasted(case, "allowlist", case.environment.allowlist)
    exported = case.exports.google_allowlist
    if exported is None:
        return pasted
    policies = case.exports.google_policies or ()
    told = [policy for policy in policies if policy.is_allowlist] or policies[:1]
    listed = _read(case, "\n".join(text for text in exported.texts if text))
    evidence = case.evidence_of(*told)
    if pasted is None:
        return GivenList(listed, _stray(listed), evidence, exported=True)
    return GivenList(listed, (*_stray(listed), *pasted.stray), (*evidence, *pasted.evidence), exported=True)


def gateway_list(case: Case) -> GivenList | None:
    """
    The inbound gateway's list as pasted, None where it was not given.
    """
    return _pasted(case, "gateway_list", case.environment.gateway_list)


def exported_allow_list(case: Case) -> tuple[str, str, tuple[str, ...]] | None:
    """
    The exported email allow list: its subject (``<file>#<object>``), its entries one a line, and the ids of its evidence. None where no
    export tells.
    """
    exported = case.exports.google_allowlist
    told = next((policy for policy in case.exports.google_policies or () if policy.is_allowlist), None)
    export = case.exports.file_of(told) if told is not None else None
    if exported is None or told is None or export is None:
        return None
    return f"{export.file}#{told.setting}", "\n".join(text for text in exported.texts if text), case.evidence_of(told)


def _pasted(case: Case, subject: str, text: str | None) -> GivenList | None:
    if text is None:
        return None
    listed = _read(case, text)
    return GivenList(listed, _stray(listed), case.evidence(GivenText(subject, "", "")))


def _read(case: Case, text: str) -> PastedList:
    excused = AddressSet(console_networks(case.environment))
    return read_list(text, excused=excused, private_is_right=case.environment.allow_private)


def _stray(listed: PastedList) -> tuple[Issue, ...]:
    return tuple(issue for issue in listed.issues if issue.fault in STRAY)


def google_networks() -> list[Network]:
    """
    The ranges Google itself sends from, as they were known (see `sending_ranges`).
    """
    return networks_of(sending_ranges(Platform.GOOGLE_WORKSPACE.value))


def of_google(entries: Iterable[Entry]) -> list[Entry]:
    """
    The entries that hold addresses Google itself sends from; one that holds half the Internet is not called Google's.
    """
    google = AddressSet(google_networks())
    return [entry for entry in entries if not entry.far_too_wide and any(google.touches(network) for network in entry.networks)]


def beyond(case: Case, entries: Iterable[Entry], found: Reference, also: Iterable[Network] = ()) -> list[Entry]:
    """
    The entries that hold more than the gateway's ranges.

    Args:
        case: The customer. What stands in front today is no excess until every domain is locked.
        entries: Of a list.
        found: The gateway's ranges.
        also: What else may stand there.
    """
    right = _right(case, found, also)
    return [entry for entry in entries if subtract(entry.networks, right)]


def _right(case: Case, found: Reference, also: Iterable[Network]) -> AddressSet:
    """
    All that may stand in a list: see `beyond`.
    """
    present = case.environment.present_gateway
    old = networks_of(present.ranges) if present is not None and not all_locked(google_scopes(case)) else []
    return AddressSet([*found.required, *found.tolerated, *old, *also])


def too_wide(entries: Iterable[Entry]) -> list[Entry]:
    """
    The entries that are far wider than any gateway.
    """
    return [entry for entry in entries if entry.far_too_wide]


def shown(entries: Sequence[Entry]) -> list[str]:
    """
    Entries as they should be written, at most `MOST_SHOWN`.
    """
    return [entry.shown for entry in entries[:MOST_SHOWN]]


def lists_to_paste(case: Case, listed: PastedList, found: Reference, *, at_gateway: bool) -> tuple[list[str], list[str]]:
    """
    A list put right, to be pasted in place of the one that is there.

    Args:
        case: The customer.
        listed: What is there.
        found: The gateway's ranges; they are put in where they are certain.
        at_gateway: It is the inbound gateway's list, in which Google's own ranges have no place; else the allow list.

    Returns:
        The list that keeps what nobody knows to be wrong, and the one that keeps no more than is known to be right; each in the lines that
        its dialogue takes: the allow list is one line with commas, the inbound gateway has one entry a line.
    """
    also = _also(case, at_gateway=at_gateway)
    more = beyond(case, listed.entries, found, also)
    own = _networks(of_google(more) if at_gateway else ())
    wrong = AddressSet(subtract([network for entry in more for network in entry.networks], _right(case, found, also)))
    required = may_be_trusted(case.environment, found.required) if found.certain else []
    clean = [network for network in listed.cleaned if not own.touches(network)]
    known = subtract(clean, wrong)
    lists = list_to_paste(required, clean), list_to_paste(required, known)
    whole, only = lists if at_gateway else ([",".join(texts)] if texts else [] for texts in lists)
    return whole, only


def put_right(case: Case, listed: PastedList, found: Reference, *, at_gateway: bool) -> dict[str, object]:
    """
    What the words need to say how a list is put right, whichever check says it; for the parameters see `lists_to_paste`. Where an entry is
    far too wide, which nobody keeps, it is the strict list, whatever else is wrong.
    """
    whole, only = lists_to_paste(case, listed, found, at_gateway=at_gateway)
    strict = bool(too_wide(beyond(case, listed.entries, found, _also(case, at_gateway=at_gateway))))
    how, how_only = (GATEWAY_HOW, GATEWAY_ONLY) if at_gateway else (ALLOWLIST_HOW, ALLOWLIST_ONLY)
    return {"paste": only if strict else whole, "paste_only": only, "how": how_only if strict else how, "how_only": how_only}


def _also(case: Case, *, at_gateway: bool) -> list[Network]:
    """
    What may stand in the allow list of a customer whose internal mail comes through it too: Google's own ranges.
    """
    return google_networks() if case.environment.internal_route and not at_gateway else []


def _networks(entries: Iterable[Entry]) -> AddressSet:
    return AddressSet(network for entry in entries for network in entry.networks)


def list_to_paste(required: Iterable[Network], *kept: Iterable[Network]) -> list[str]:
    """
    A list as Google wants it: the gateway's ranges first, then what is kept, each once, nothing that lies within another entry.

    The text catalogue, or `lists_to_paste`, puts it into lines.
    """
    return [str(network) for network in outermost([*required, *(network for networks in kept for network in networks)])]

"""
The form as a whole: untouched it changes nothing, what is wrong stands beside its field.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import pytest

from runbook_lib.environment import NOTEBOOK_DEFAULTS, Environment, environment_from_parameters, load_environment
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.sandbox import names, scenario
from runbook_lib.widgets.form import Form
from runbook_lib.widgets.front import DropZone, Status
from runbook_lib.widgets.layout import sections
from runbook_lib.widgets.uploads import Uploads

from .conftest import Traffic

COMPLETE = {"customer": "C", "platform": "microsoft_365", "region": "eu", "domains": ["a.example"], "inbound_host": "mx.a.example"}


def test_every_key_has_a_field() -> None:
    """
    All a notebook can be given can be typed, but for what buttons and files say.
    """
    keys = [key for section in sections(Catalogue()) for field in section.fields for key in field.keys]

    assert set(NOTEBOOK_DEFAULTS) - {"interactive", "attestations", "exports"} == set(keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("ready", [False, True], ids=["filled and then shown", "shown and then filled"])
async def test_untouched_form_gives_back_every_customer(
    tmp_path: Path, catalogue: Catalogue, opened: Callable[[Form], None], *, ready: bool
) -> None:
    """
    Every made-up customer comes out of an untouched form as it went in, as a file has it and as a notebook has it; where all fields are
    shown, one customer of every make does.
    """
    form = Form(catalogue, tmp_path, about="test", status=Status(), failed=_raise, uploads=Uploads(catalogue, tmp_path, tmp_path))
    if ready:
        opened(form)
    environments = [load_environment(scenario(name).environment_file) for name in names()]
    for environment in {_shape(each): each for each in environments}.values() if ready else environments:
        for given in (environment.as_parameters(), environment.as_given()):
            form.fill(given)

            assert given == form.read()
    opened(form)
    assert given == form.read()


def _shape(environment: Environment) -> str:
    """
    What has to be shown other than for another customer: its keys, and how its lists are made up.
    """
    given = environment.as_given()
    return str(
        [*given, [type(each) for each in given["domains"]], given.get("gateway_options"), given.get("senders"), given.get("contacts")]
    )


def _raise(error: Exception) -> None:
    raise error


async def test_shut_sections_keep_what_is_in_them(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    Opening and closing sections, and another platform for which some are not shown, changes nothing of what they hold.
    """
    given = load_environment(scenario("acacia-pre").environment_file).as_given()
    form = Form(catalogue, tmp_path, about="test", status=Status(), failed=_raise)
    form.fill(given)
    assert form.widget is not None
    for _ in range(3):
        for box in form._boxes.values():
            box._head.click()
    form.put("platform", "on_premises")

    assert "none" == form._boxes["google"].widget.layout.display
    assert {**given, "platform": "on_premises"} == form.read()


def test_what_the_form_has_no_field_for_is_kept(form: Form) -> None:
    """
    Attestations are given by buttons elsewhere, and stay; a key that there is not stays too, to be refused.
    """
    given = {**COMPLETE, "attestations": {"platform": {"by": "A", "at": "2026-11-01", "phase": "prepare"}}, "colour": "red"}
    form.fill(given)

    assert given == form.read()
    assert ["colour"] == [problem.key for problem in form.problems()]
    assert form.accept() is None
    assert "colour" in form._summary.value


def _type(form: Form, key: str, value: Any) -> None:
    field = form.field(key)
    assert field is not None
    field.control.value = value


def _refused(form: Form) -> list[str]:
    return [field.key for field in form.fields if field.refused]


def test_only_what_was_left_complains(form: Form, traffic: Traffic) -> None:
    """
    A half-filled form says nothing of the fields nobody has been in. On acting all speak, the first one gets the cursor, and the count is
    told; each message goes when it is mended, the others stay.
    """
    form.fill({})
    _type(form, "test_recipient", "nobody")
    before = _refused(form)
    accepted = form.accept()
    after = _refused(form)
    first = form.field("customer")
    assert first is not None

    assert ["test_recipient"] == before
    assert accepted is None
    assert ["customer", "platform", "region", "domains", "inbound_host", "test_recipient"] == after
    assert traffic.cursor is first.control.comm
    assert "6 things are missing or wrong" in form._summary.value

    _type(form, "customer", "C")
    assert after[1:] == _refused(form)
    assert "5 things are missing or wrong" in form._summary.value

    _type(form, "platform", "microsoft_365")
    _type(form, "region", "eu")
    _type(form, "inbound_host", "mx.a.example")
    _type(form, "test_recipient", "")
    assert ["domains"] == _refused(form)
    form.put("domains", ["a.example"])
    assert [] == _refused(form)
    assert "" == form._summary.value
    assert form.accept() == environment_from_parameters(COMPLETE)


def test_the_count_of_what_is_wrong_is_one(tmp_path: Path, catalogue: Catalogue, opened: Callable[[Form], None]) -> None:
    """
    Above the form and beside its buttons the same is said, after every change, and nothing once all is right.
    """
    status = Status()
    form = Form(catalogue, tmp_path, about="test", status=status, failed=_raise)
    opened(form)
    assert form.accept() is None
    for key, value in (("customer", "Alder"), ("platform", "on_premises"), ("region", "eu"), ("domains", ["alder.example"])):
        form.put(key, value)
    one = status.text
    assert "1 thing is missing or wrong. Each is named beside its field." == one
    assert one in form._summary.value
    form.put("inbound_host", "mail.alder.example")

    assert ("", "", "") == (form._summary.value, status.text, status.tone)


def test_a_choice_without_a_choice_says_what_counts(form: Form) -> None:
    """
    Where nothing is chosen the field names what counts then, and gives nothing to the file.
    """
    shown = {key: field.control.label for key in ("phase", "tls_policy", "inbound_firewall") if (field := form.field(key)) is not None}

    assert ["Prepare: MX not moved yet (default)", "TLS where it is offered (default)", "Anyone may connect (default)"] == list(
        shown.values()
    )
    assert {} == form.read()


def test_what_may_not_be_meant_is_said_and_used(form: Form) -> None:
    """
    A remark stands beside its field, in a row and in a group too, is no error, goes when it is mended, and keeps nothing from being used.
    """
    domains = [{"name": "a.example", "test_recipient": "x@<b>.example"}, {"name": "b.con", "inbound_host": "mx.b.ogr"}]
    form.fill({**COMPLETE, "domains": domains, "present_gateway": {"hosts": ["g.example", "g.nte"]}})
    first, second = form.field("domains")._rows  # type: ignore[union-attr]  # the form has it
    hosts = form.field("present_gateway").parts[1]  # type: ignore[union-attr]  # the form has it
    form.put("test_recipient", "x@other.example")

    assert "Is .com meant?" in second.parts[0]._note.value
    assert "Is .org meant?" in second.more[2]._note.value
    assert "Is .net meant?" in hosts._note.value
    assert "rb-remark" not in first.parts[2]._note.value
    remark = form.field("test_recipient")._note.value  # type: ignore[union-attr]  # the form has it
    assert '<span class="rb-remark" role="status">other.example is not one of the domains above.' in remark
    assert [] == [field.key for field in form.fields if field.refused and field.key != "domains"]

    form.put("domains", ["a.example", "other.example"])
    assert "rb-remark" not in form.field("test_recipient")._note.value  # type: ignore[union-attr]  # the form has it
    accepted = form.accept()
    assert accepted is not None
    assert ("g.example", "g.nte") == accepted.present_gateway.hosts  # type: ignore[union-attr]  # it was given


def test_another_phase_says_what_is_lost(form: Form) -> None:
    """
    Only once somebody chooses it: what was confirmed has to be confirmed again.
    """
    phase = form.field("phase")
    assert phase is not None
    form.fill({**COMPLETE, "phase": "cutover", "attestations": {"route": {"by": "Kim", "at": "2026-11-23", "phase": "prepare"}}})
    before = phase._note.value
    form.put("phase", "lockdown")

    assert "rb-remark" not in before
    assert "1 confirmation was given in another phase and does not count in this one." in phase._note.value


def test_remarks_wait_for_their_section(tmp_path: Path, catalogue: Catalogue, opened: Callable[[Form], None]) -> None:
    """
    What may not be meant in a list that is not shown yet stands beside its row once it is.
    """
    form = Form(catalogue, tmp_path, about="test", status=Status(), failed=_raise)
    form.fill({**COMPLETE, "senders": [{"name": "ERP", "from": "erp@a.cmo", "ip": "192.0.2.1"}]})
    opened(form)

    assert "Is .com meant?" in form.field("senders")._rows[0].parts[1]._note.value  # type: ignore[union-attr]  # the form has it


def test_filling_forgets_what_was_wrong(form: Form) -> None:
    """
    Another environment in the form starts without messages.
    """
    form.fill({})
    form.accept()
    form.fill({"customer": "C"})

    assert [] == _refused(form)
    assert "" == form._summary.value


WRONG: dict[str, list[Any]] = {
    "region": ["uk"],
    "platform": ["exchange"],
    "inbound_host": ["192.0.2.1", 5],
    "inbound_port": ["99999"],
    "timeout": ["soon"],
    "proxy": ["socks5://anna:geheim@127.0.0.1:1080"],
    "probes": [["dns", "ftp"]],
    "gateway_options": [{"require_tls": "perhaps"}, {"colour": "red"}, "on"],
    "present_gateway": [{"name": "Old", "ranges": ["192.0.2.0/99"]}],
    "vendor_process": ["wizard", 5],
    "contacts": [[{"name": "Anna"}], [{"name": "Anna", "phone": "112"}, {"name": "Ben", "email": "ben"}], "Anna", ["Anna"]],
    "senders": [[{"name": "Scanner", "ip": "upstairs"}], "Scanner"],
    "waivers": [{"mx.ttll": {"reason": "r", "by": "b", "expires": "2026-12-31"}}, {"mx.ttl": "Moved soon"}],
    "validation_codes": [[1], {"a.example": 12345e6}],
    "domains": [5, {"name": "a.example"}, ["a.example", 7]],
    "connect_to": [{"mx.a.example:25": "there"}],
    "ca_file": ["none.pem"],
    "language": ["klingon"],
    "allow_private": ["perhaps"],
}


def test_wrong_value_is_refused_at_its_field(form: Form, traffic: Traffic) -> None:
    """
    Whatever kind of value a notebook is given wrong, the form shows it, says so beside that field alone and puts the cursor there.
    """
    for key, value in ((key, value) for key, values in WRONG.items() for value in values):
        form.fill({**COMPLETE, key: value})
        traffic.messages.clear()
        accepted = form.accept()

        assert (None, [key]) == (accepted, _refused(form)), value
        assert traffic.cursor is not None
        assert " missing or wrong" in form._summary.value


async def test_missing_export_is_said_beside_the_files(tmp_path: Path, catalogue: Catalogue, traffic: Traffic) -> None:
    """
    A file that is not there is named where the files are, and not above the form; the cursor goes there.
    """
    uploads = Uploads(catalogue, tmp_path, tmp_path)
    form = Form(catalogue, tmp_path, about="test", status=Status(), uploads=uploads, failed=_raise)
    form.fill({**COMPLETE, "exports": ["none.json"]})
    assert form.widget is not None
    assert form.accept() is None
    field = form.field("exports")
    assert field is not None
    zone = next(part for part in uploads.widget.children if isinstance(part, DropZone))

    assert ["exports"] == _refused(form)
    assert "none.json" in field._note.value
    assert "none.json" not in form._summary.value
    assert "1 thing is missing or wrong" in form._summary.value
    assert [{"focus": True}] == traffic.custom(zone)

    uploads._remove("none.json")
    assert [] == _refused(form)
    assert form.accept() == environment_from_parameters(COMPLETE)


@pytest.mark.parametrize("given", [[], ["a.csv", "b.csv"], "a.csv", 5], ids=str)
async def test_exports_come_back_as_they_were(tmp_path: Path, catalogue: Catalogue, given: Any) -> None:
    """
    Nothing, files, and what is no list: untouched it is given back, to be refused in words where it is wrong.
    """
    form = Form(catalogue, tmp_path, about="test", status=Status(), uploads=Uploads(catalogue, tmp_path, tmp_path), failed=_raise)
    form.fill({**COMPLETE, "exports": given})

    assert {**COMPLETE, "exports": given} == form.read()


async def test_exports_follow_the_platforms(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    A file is measured by the customer's platform and by those of single domains, as they stand in the form.
    """
    uploads = Uploads(catalogue, tmp_path, shipped("environments"))
    form = Form(catalogue, shipped("environments"), about="test", status=Status(), uploads=uploads, failed=_raise)
    form.fill({**COMPLETE, "exports": ["exports/acacia-pre/google-policies.json"]})
    await uploads.worker.wait()
    assert 3 == len(uploads._list.children[0].children)
    form.put("domains", ["a.example", {"name": "b.example", "platform": "google_workspace"}])
    assert 2 == len(uploads._list.children[0].children)
    form.put("domains", ["a.example"])
    form.put("platform", "google_workspace")

    assert 2 == len(uploads._list.children[0].children)


def test_exports_are_explained(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    The files too have a label, a line of help and an example.
    """
    uploads = Uploads(catalogue, tmp_path, tmp_path)
    field = Form(catalogue, tmp_path, about="test", status=Status(), uploads=uploads, failed=_raise).field("exports")
    assert field is not None
    texts = catalogue.fields("form.exports")

    assert field.label in uploads.widget.children[0].value
    assert escape(f"{texts['help']} For example: {texts['example']}") in field._note.value
    assert field._note in field.widget.children


def test_example_follows_the_platform(form: Form) -> None:
    """
    The inbound host's example is one of the platform that is chosen, at once.
    """
    form.fill({**COMPLETE, "platform": "google_workspace"})
    field = form.field("inbound_host")
    assert field is not None
    filled = field._note.value
    _type(form, "platform", "microsoft_365")

    assert "smtp.google.com" in filled
    assert "mail.protection.outlook.com" in field._note.value


def test_words_are_tied_to_their_controls(form: Form) -> None:
    """
    What ties words and controls in the browser finds the words right behind the control they are about, in a list as pasted too; a group
    and a list of rows have theirs below a title.
    """
    for key, before in (("customer", "TextModel"), ("allow_private", "CheckboxModel"), ("console_ranges", "TextareaModel")):
        field = form.field(key)
        assert field is not None
        around = field.widget.children[0].children if key == "console_ranges" else field.widget.children
        note = around.index(field._note)

        assert "rb-note" in field._note._dom_classes
        assert (field.control, before) == (around[note - 1], around[note - 1]._model_name)
    assert 1 == sum("rb-note" in each._esm for each in form.widget.children if isinstance(each, anywidget.AnyWidget))


def test_shut_section_opens_for_its_message(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    What is wrong in a shut section, or in one that the platform does not need, is brought to sight.
    """
    form = Form(catalogue, tmp_path, about="test", status=Status(), failed=_raise)
    form.fill({**COMPLETE, "gateway_options": {"reject_all": "perhaps"}})
    assert form.widget is not None
    assert form.accept() is None
    box = form._boxes["google"]

    assert box._body.children
    assert "" == box.widget.layout.display


@pytest.mark.parametrize(("key", "typed", "meant"), [("timeout", "2.5", 2.5), ("inbound_port", "2525", 2525), ("time_limit", "60", 60.0)])
async def test_typed_numbers(form: Form, key: str, typed: str, meant: float) -> None:
    """
    Numbers are typed as text and meant as numbers.
    """
    form.fill(COMPLETE)
    _type(form, key, typed)
    made = form.accept()

    assert made is not None
    assert meant == getattr(made, key)


def test_typed_customer(form: Form) -> None:
    """
    All that is typed into an empty form makes the environment that the same parameters make.
    """
    form.fill({})
    for key, value in (
        ("customer", "Müller & Söhne"),
        ("platform", "google_workspace"),
        ("region", "de"),
        ("inbound_host", "mx.a.example"),
    ):
        _type(form, key, value)
    form.put("domains", ["müller.example", {"name": "a.example", "role": "send_only"}])
    form.put("validation_codes", {"müller.example": "0123456701234", "a.example": "12345e6789012"})
    form.put("gateway_options", {"reject_all": False})
    made = form.accept()
    assert made is not None

    assert ("xn--mller-kva.example", "a.example") == tuple(scope.name for scope in made.scopes)
    assert ["0123456701234", "12345e6789012"] == list(made.validation_codes.values())
    assert made == environment_from_parameters(form.read())


async def test_changes_are_told_with_their_keys(tmp_path: Path, catalogue: Catalogue, opened: Callable[[Form], None]) -> None:
    """
    Whoever listens hears which keys changed, and hears nothing while the form is filled.
    """
    told: list[str] = []
    uploads = Uploads(catalogue, tmp_path, tmp_path)
    form = Form(catalogue, tmp_path, about="test", status=Status(), uploads=uploads, changed=told.extend, failed=_raise)
    opened(form)
    form.fill({**COMPLETE, "exports": ["a.csv"]})
    assert [] == told
    _type(form, "customer", "D")
    uploads._remove("a.csv")

    assert ["customer", "exports"] == told
    assert {**COMPLETE, "customer": "D"} == form.read()

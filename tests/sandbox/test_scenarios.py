"""
The customers' data are complete and agree with their environment files.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.knowledge.check_ids import CHECKS
from runbook_lib.knowledge.regions import region, regions
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.results import Verdict
from runbook_lib.sandbox import HEALTHY, names, scenario
from runbook_lib.sandbox.gateway import gateway_part
from runbook_lib.sandbox.zones import Internet, with_key


def test_every_file_has_its_world_and_every_world_its_file() -> None:
    """
    Each example environment is a world, and each world has its environment.
    """
    files = {path.stem for path in shipped("environments").glob("*.yaml")}

    assert set(names()) == {name for name in files if load_environment(shipped("environments") / f"{name}.yaml").sandbox}
    assert HEALTHY in files


def test_all_verdicts_are_there() -> None:
    """
    There are customers for each verdict, in each phase.
    """
    scenarios = [scenario(name) for name in names()]

    assert set(Verdict) == {each.verdict for each in scenarios}
    assert {"prepare", "cutover", "lockdown"} == {load_environment(each.environment_file).phase.value for each in scenarios}


@pytest.mark.parametrize("name", names())
def test_a_scenario_is_complete(name: str) -> None:
    """
    A scenario has title, story and expected findings of known checks, and no placeholder is left in it.
    """
    each = scenario(name)

    assert each.title
    assert each.story.endswith(".")
    assert each.expect
    assert {item.check for item in each.expect} <= set(CHECKS)
    assert not any(key.count("{") for key in (*each.zones, *each.smtp))


@pytest.mark.parametrize("name", names())
def test_addresses_look_real(name: str) -> None:
    """
    Every address in the zones is a public one, so that nothing is found wrong that is only the sandbox's.
    """
    assert all(ip_address(address).is_global for address in Internet(with_key(scenario(name).zones, "00" * 32)).all_addresses())


@pytest.mark.parametrize("code", [each.code for each in regions() if each.cidrs])
def test_the_gateway_is_inside_its_ranges(code: str) -> None:
    """
    The gateway's hosts have addresses in their region's ranges, and its SPF record lists just these.
    """
    found = region(code)
    internet = Internet({".": {"servers": ["a.root-servers.net"]}, **gateway_part([code])["zones"]})
    networks = [ip_network(cidr) for cidr in found.cidrs]

    for host in found.mx:
        addresses = internet.addresses(host)
        assert addresses
        assert all(any(ip_address(address) in network for network in networks) for address in addresses)

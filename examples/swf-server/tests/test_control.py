"""The manual clock."""

import json
import urllib.error

import pytest
from server import CLOCK_START, Clock, Server


def test_the_clock_stands_still_until_it_is_moved(clock):
    assert clock.now() == CLOCK_START
    assert clock.now() == CLOCK_START
    assert clock.advance(3600) == CLOCK_START + 3600
    assert clock.advance(0.001) == CLOCK_START + 3600.001
    assert clock.advance(0) == clock.now() == CLOCK_START + 3600.001


@pytest.mark.parametrize(
    "body", [{}, {"seconds": -1}, {"seconds": "60"}, {"seconds": 0.0001}, {"seconds": 1e12}, {"seconds": None}]
)
def test_nonsense_does_not_move_it(server, clock, body):
    with pytest.raises(urllib.error.HTTPError) as caught:
        server.control("advance", body)
    with caught.value as error:
        assert error.code == 400
        assert json.load(error)["__type"]
    assert clock.now() == CLOCK_START


def test_a_reset_forgets_everything(server, swf, clock):
    clock.advance(1000)
    server.control("reset", {})
    assert clock.now() == CLOCK_START
    assert swf.list_domains(registrationStatus="REGISTERED")["domainInfos"] == []


def test_two_servers_have_two_clocks(clock):
    with Server() as other:
        Clock(other).advance(60)
        assert clock.now() == CLOCK_START

"""Technicians: the PIN, what it costs to guess it, and what the page behind it shows and forgets."""

from __future__ import annotations

from edge.wire.kiosk import KioskDevices
from kiosk_ui.actions import Back, EnterPin, Finish, Home, Open, Quit, RestartDevice, Screen, Type
from kiosk_ui.messages import Ask, CheckPin, Dotted, Inspect, Inspected, PinChecked, ToldDevices
from kiosk_ui.model import MAX_DOTS, Own
from tests.kiosk.update_kit import Kiosk


def test_a_pin_opens_the_technicians_page_and_wrong_ones_cost_time() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.TECHNICIAN))
    assert kiosk.at(Screen.HOME)
    for _ in range(3):
        kiosk.touch(Open(Screen.PIN), Type("0000"), EnterPin())
        assert CheckPin("0000") == kiosk.effects[-1]
        kiosk.say(PinChecked(False))
    count = len(kiosk.effects)
    kiosk.touch(Type("2468"), EnterPin())
    assert len(kiosk.effects) == count, "for a minute none is looked at"
    assert kiosk.model.session.said and kiosk.model.session.said.key == "said.pin_locked"
    assert kiosk.model.session.typed == "", "it is typed anew"
    kiosk.touch(Finish(), Open(Screen.PIN), Type("2468"), EnterPin())
    assert not isinstance(kiosk.effects[-1], CheckPin), "nor in another session"
    kiosk.touch(Finish())
    kiosk.wait(61)
    kiosk.touch(None, Open(Screen.PIN), Type("2468"), EnterPin())
    assert CheckPin("2468") in kiosk.effects
    kiosk.say(PinChecked(True))
    assert kiosk.at(Screen.TECHNICIAN)
    kiosk.touch(RestartDevice("printer"))
    assert kiosk.wanted(Ask)[-1].verb == "device.restart"


def test_wrong_pins_cost_more_time_each_time_and_a_right_one_clears_them() -> None:
    kiosk = Kiosk.awake()
    locks = []
    for _ in range(4):
        for _ in range(3):
            kiosk.touch(None, Open(Screen.PIN), Type("0000"), EnterPin())
            kiosk.say(PinChecked(False))
        locks.append(kiosk.model.pin_free_s - kiosk.now_s)
        kiosk.wait(locks[-1] + 1, 20.0)
    assert locks == [60.0, 120.0, 240.0, 480.0]
    kiosk.touch(None, Open(Screen.PIN), Type("2468"), EnterPin())
    kiosk.say(PinChecked(True))
    assert kiosk.model.pin_wrong == 0


def test_a_pin_is_looked_at_before_another_one_is() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.PIN), Type("1111"), EnterPin(), Type("2222"), EnterPin())
    assert kiosk.effects == [CheckPin("1111")]
    kiosk.say(PinChecked(False))
    kiosk.touch(Type("3"), EnterPin())
    assert kiosk.effects[-1] == CheckPin("22223")


def test_a_wrong_pin_counts_also_where_the_session_is_over_by_then() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.PIN), Type("1111"), EnterPin(), Finish())
    kiosk.say(PinChecked(False))
    assert (kiosk.model.pin_wrong, kiosk.model.session.said) == (1, None)
    kiosk.say(PinChecked(True))
    assert kiosk.at(Screen.HOME), "a right one opens nothing for who stands there now"


def technicians() -> Kiosk:
    kiosk = Kiosk.awake()
    kiosk.touch(Open(Screen.PIN), Type("2468"), EnterPin())
    kiosk.say(PinChecked(True))
    return kiosk


def test_what_the_technicians_page_shows_is_looked_at_while_it_shows() -> None:
    kiosk = technicians()
    assert kiosk.effects.count(Inspect()) == 1
    kiosk.wait(10)
    assert kiosk.effects.count(Inspect()) == 6
    kiosk.say(Inspected(Own(memory_mb=70)), ToldDevices(KioskDevices(more=1)))
    technical = kiosk.model.session.technical
    assert technical and (technical.own.memory_mb, technical.devices) == (70, KioskDevices(more=1))
    kiosk.touch(Open(Screen.TECHNICIAN, "devices"), Back(), Home())
    count = kiosk.effects.count(Inspect())
    kiosk.wait(10)
    assert kiosk.effects.count(Inspect()) == count
    kiosk.touch(Open(Screen.TECHNICIAN))
    assert kiosk.at(Screen.HOME), "who has left it needs the PIN again"


def test_the_technicians_page_ends_by_itself_and_leaves_nothing() -> None:
    kiosk = technicians()
    kiosk.say(Inspected(Own(memory_mb=70)), Dotted(10.0, 20.0))
    kiosk.wait(121)
    assert kiosk.at(Screen.ATTRACT) and kiosk.model.session.technical is None
    kiosk.say(Inspected(Own(memory_mb=70)), ToldDevices(KioskDevices()), Dotted(1.0, 2.0))
    assert kiosk.model.session.technical is None


def test_dots_of_the_touch_test_are_bounded_and_go_with_its_page() -> None:
    kiosk = technicians()
    kiosk.touch(Open(Screen.TECHNICIAN, "touch"))
    kiosk.say(*(Dotted(float(x), 1.0) for x in range(MAX_DOTS + 5)))
    technical = kiosk.model.session.technical
    assert technical and len(technical.dots) == MAX_DOTS and technical.dots[-1] == (MAX_DOTS + 4.0, 1.0)
    kiosk.touch(Back())
    assert kiosk.model.session.technical and kiosk.model.session.technical.dots == ()


def test_what_only_technicians_may_is_refused_to_all_others() -> None:
    kiosk = Kiosk.awake()
    kiosk.touch(RestartDevice("printer"), Quit(), Open(Screen.PIN), RestartDevice("printer"), Quit())
    kiosk.say(PinChecked(False))
    assert kiosk.effects == []

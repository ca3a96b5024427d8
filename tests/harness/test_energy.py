"""Counters of energy, on files as Linux shows them."""

import sys
from types import ModuleType

import pytest

from harness import energy
from harness.energy import EnergyMeter, added


@pytest.fixture
def powercap(tmp_path):
    def package(number, name, micro, top=262143328850):
        folder = tmp_path / f"intel-rapl:{number}"
        folder.mkdir(exist_ok=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{top}\n")
        (folder / "energy_uj").write_text(f"{micro}\n")

    package("0", "package-0", 1_000_000)
    package("0:0", "core", 5_000_000)
    package("1", "package-1", 262143328850 - 499_999)
    return tmp_path, package


def test_packages_add_up_and_their_parts_do_not_count(powercap):
    folder, package = powercap
    meter = EnergyMeter("cpu", folder)
    assert meter.joules() == {"cpu": 0.0}
    package("0", "package-0", 3_500_000)
    package("0:0", "core", 9_000_000)
    assert meter.joules() == {"cpu": 2.5}
    package("1", "package-1", 500_000)  # it started over
    assert meter.joules() == {"cpu": 3.5}
    meter.close()


def test_it_is_read_often_enough_to_see_every_start_over(powercap, monkeypatch):
    folder, package = powercap
    monkeypatch.setattr(energy, "READ_EVERY_SECONDS", 0.01)
    meter = EnergyMeter("cpu", folder)
    counter = meter._counters["cpu"][0]
    package("0", "package-0", 2_000_000)
    for _ in range(500):
        if counter._total:
            break
        meter._stopped.wait(0.01)
    assert counter._total == 1_000_000
    meter.close()


def test_what_cannot_be_read_has_no_number(tmp_path, powercap):
    folder, _ = powercap
    for file in folder.glob("*/max_energy_range_uj"):
        file.write_text("none\n")
    assert EnergyMeter("cpu", folder).joules() == {}
    assert EnergyMeter("cuda", tmp_path / "nowhere").joules() == {}


def test_a_gpu_counter_that_fails_later_ends_nothing(monkeypatch):
    driver = ModuleType("pynvml")
    readings = iter([1000, 3500])
    driver.nvmlInit = lambda: None
    driver.nvmlDeviceGetHandleByUUID = lambda uuid: uuid
    driver.nvmlDeviceGetTotalEnergyConsumption = lambda handle: next(readings)
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    counter = energy.GpuCounter("GPU-1")
    assert counter.joules() == 2.5
    assert counter.joules() == 2.5  # the driver raises


def test_attempts_add_up_where_both_were_counted():
    assert added({"cpu": 1.5, "gpu": 2.0}, {"cpu": 2.0}) == {"cpu": 3.5}

import os
import stat

import pytest

from harness import devices
from harness.devices import make_slots, worker_environment
from suites.messages import Misused


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose nvidia-smi lists some GPUs."""

    def build(*names, visible=None):
        program = tmp_path / "nvidia-smi"
        program.write_text("#!/bin/sh\n" + "\n".join(f"echo '{n}'" for n in names))
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        if visible is None:
            monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        else:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        devices.gpu_names.cache_clear()

    yield build
    devices.gpu_names.cache_clear()


def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused(monkeypatch):
    monkeypatch.setattr(devices, "gpu_names", lambda: ())
    slots = make_slots("auto", None, 1)
    assert len(slots) == devices.cores()
    assert {slot.device for slot in slots} == {"cpu"}
    cpus = [cpu for slot in slots for cpu in slot.cpus]
    assert sorted(cpus) == sorted(os.sched_getaffinity(0))
    with pytest.raises(Misused, match="no GPU is visible"):
        make_slots("cuda", None, 1)


def test_threads_lower_the_number_of_jobs(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)))
    monkeypatch.setattr(devices, "gpu_names", lambda: ())
    assert len(make_slots("cpu", None, 4)) == 4
    assert len(make_slots("cpu", 3, 4)) == 3


@pytest.mark.parametrize(
    ("jobs", "shares"),
    [
        (1, [(0, 1, 2, 3)]),
        (2, [(0, 1), (2, 3)]),
        (3, [(0,), (1,), (2,)]),
        (5, [(0, 1, 2, 3)] * 5),
    ],
)
def test_every_worker_gets_an_equal_share_of_the_cores(monkeypatch, jobs, shares):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    monkeypatch.setattr(devices, "gpu_names", lambda: ())
    assert [slot.cpus for slot in make_slots("cpu", jobs, 1)] == shares


def test_gpus_are_dealt_out_in_turn(machine):
    machine("H200", "H200")
    slots = make_slots("auto", 5, 1)
    assert [slot.gpu for slot in slots] == ["0", "1", "0", "1", "0"]
    assert {slot.device for slot in slots} == {"cuda"}
    assert len(make_slots("cuda", None, 1)) == 2


def test_only_visible_gpus_are_used(machine):
    machine("A", "B", "C", "D", visible="3,1")
    assert [slot.gpu for slot in make_slots("cuda", 3, 1)] == ["3", "1", "3"]
    machine("A", "B", visible="GPU-8a5b,MIG-1c2d")
    first, second = make_slots("auto", 2, 1)
    assert (first.gpu, second.gpu) == ("GPU-8a5b", "MIG-1c2d")
    assert worker_environment(second)["CUDA_VISIBLE_DEVICES"] == "MIG-1c2d"
    machine("A", "B", visible="")
    with pytest.raises(Misused):
        make_slots("cuda", None, 1)


def test_a_worker_sees_one_device_and_its_threads(machine):
    machine("A", "B")
    cpu, gpu = make_slots("cpu", 1, 2)[0], make_slots("cuda", 2, 1)[1]
    environment = worker_environment(cpu)
    assert environment["CUDA_VISIBLE_DEVICES"] == ""
    assert environment["OMP_NUM_THREADS"] == "2"
    assert environment["MUJOCO_GL"] == "egl"
    environment = worker_environment(gpu)
    assert environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert environment["MUJOCO_EGL_DEVICE_ID"] == "1"

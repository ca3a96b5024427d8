import numpy as np
import pytest

from harness.state_files import load_state, save_state, state_bytes


def test_a_nested_state_survives(tmp_path):
    import torch

    rng = np.random.default_rng(0)
    state = {
        "weights": torch.arange(6.0).reshape(2, 3),
        "table": {3: np.array([1, 2], dtype=np.uint8)},
        "numbers": [1, 2.5, None, True, "text"],
        "generator": rng.bit_generator.state,
    }
    save_state(tmp_path / "state", state)
    loaded = load_state(tmp_path / "state")
    assert torch.equal(loaded["weights"], state["weights"])
    assert loaded["table"][3].dtype == np.uint8
    assert loaded["numbers"] == state["numbers"]
    assert loaded["generator"] == state["generator"]
    assert state_bytes(state) == 6 * 4 + 2


def test_nothing_is_pickled(tmp_path):
    with pytest.raises(TypeError, match="cannot save"):
        save_state(tmp_path / "state", {"bad": np.array([object()])})
    with pytest.raises(TypeError, match="cannot save"):
        save_state(tmp_path / "other", {"bad": lambda: None})
    assert not (tmp_path / "state").exists()


def test_a_state_is_never_overwritten(tmp_path):
    save_state(tmp_path / "state", {"a": 1})
    with pytest.raises(FileExistsError):
        save_state(tmp_path / "state", {"a": 2})
    assert load_state(tmp_path / "state") == {"a": 1}


def test_a_newer_format_is_refused(tmp_path):
    save_state(tmp_path / "state", {"a": 1})
    file = tmp_path / "state" / "state.json"
    file.write_text(file.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(ValueError, match="format 9"):
        load_state(tmp_path / "state")

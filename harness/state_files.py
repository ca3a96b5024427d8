"""A nested state (dicts, lists, arrays, tensors, numbers) as files without pickle.

`state.json` holds the structure and the plain values, `arrays.npz` the numbers, as in

    folder/state.json    {"network": {"0.weight": {"array": 0, "tensor": true}}, ...}
    folder/arrays.npz    a0, a1, ...

An array that is a memory-mapped file beside the folder is not copied: it is flushed,
and named in state.json.
"""

import json
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 1


def save_state(folder: Path, state: Any, *, sync: bool = False) -> None:
    """Writes a state whole or not at all: the folder appears when it is complete.

    Args:
        folder: must not exist yet.
        state: dicts with string or integer keys, lists, tuples, numpy arrays, torch
            tensors, numbers, strings, booleans, None; and numpy.memmap, whole files
            below the folder's own.
        sync: also have it on the disk, should the machine die.

    Raises:
        TypeError: the state holds something else.
        FileExistsError: the folder is there already.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already")
    arrays: list[np.ndarray[Any, Any]] = []
    structure = _encode(state, arrays, folder.parent.resolve())
    unfinished = folder.with_name(folder.name + ".writing")
    unfinished.mkdir(parents=True, exist_ok=True)
    with (unfinished / "arrays.npz").open("wb") as file:
        np.savez(file, **{f"a{index}": array for index, array in enumerate(arrays)})
    text = json.dumps({"format": FORMAT, "state": structure})
    (unfinished / "state.json").write_text(text)
    if sync:
        for file_name in ("arrays.npz", "state.json"):
            _sync(unfinished / file_name)
    unfinished.rename(folder)
    if sync:
        _sync(folder.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_state(folder: Path) -> Any:
    """Reads what `save_state` wrote.

    Raises:
        ValueError: the folder was written by a newer Podium, or a memory-mapped file
            is not the one that was named.
    """
    document = json.loads((folder / "state.json").read_text())
    if document["format"] != FORMAT:
        raise ValueError(f"{folder}: unknown state format {document['format']!r}")
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        return _decode(document["state"], arrays, folder.parent)


def state_bytes(state: Any) -> int:
    """Size of the arrays and tensors in a state, in bytes."""
    arrays: list[np.ndarray[Any, Any]] = []
    _encode(state, arrays)
    return sum(array.nbytes for array in arrays)


def is_mapped_file(value: Any) -> bool:
    """Whether an array is a memory-mapped file, and not a part of one."""
    whole = isinstance(value, np.memmap) and isinstance(value.base, mmap.mmap)
    return whole and value.offset == 0 and value.filename is not None


def _encode(
    value: Any, arrays: list[np.ndarray[Any, Any]], mapped: Path | None = None
) -> Any:
    if value is None or isinstance(value, bool | str):
        return {"value": value}
    if isinstance(value, int | float):
        # Integers of a generator's state exceed 64 bits; JSON carries them whole.
        return {"value": value}
    if isinstance(value, dict):
        keys = [[key, _encode(item, arrays, mapped)] for key, item in value.items()]
        return {"dict": keys}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(item, arrays, mapped) for item in value]}
    if mapped is not None and is_mapped_file(value):
        file = Path(value.filename).resolve()
        if file.is_relative_to(mapped):
            value.flush()
            name, kind = str(file.relative_to(mapped)), value.dtype.str
            return {"mapped": name, "dtype": kind, "shape": list(value.shape)}
    tensor = hasattr(value, "detach")
    array = value.detach().cpu().numpy() if tensor else np.asarray(value)
    if array.dtype == object:
        raise TypeError(f"cannot save a {type(value).__name__} in a state")
    arrays.append(array)
    return {"array": len(arrays) - 1, "tensor": tensor}


def _decode(node: dict[str, Any], arrays: Any, mapped: Path) -> Any:
    if "value" in node:
        return node["value"]
    if "dict" in node:
        return {key: _decode(item, arrays, mapped) for key, item in node["dict"]}
    if "list" in node:
        return [_decode(item, arrays, mapped) for item in node["list"]]
    if "tuple" in node:
        return tuple(_decode(item, arrays, mapped) for item in node["tuple"])
    if "mapped" in node:
        return _map(mapped, node)
    array = arrays[f"a{node['array']}"]
    if not node["tensor"]:
        return array
    import torch

    return torch.from_numpy(array)


def _map(folder: Path, node: dict[str, Any]) -> Any:
    """The memory-mapped file that a state names."""
    path = (folder / node["mapped"]).resolve()
    kind, shape = np.dtype(node["dtype"]), tuple(node["shape"])
    size = kind.itemsize * int(np.prod(shape))
    if not path.is_relative_to(folder.resolve()) or path.stat().st_size != size:
        raise ValueError(
            f"{node['mapped']} is not the file that {folder} was saved with"
        )
    return np.memmap(path, dtype=kind, mode="r+", shape=shape)

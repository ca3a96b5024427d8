"""A camera of a MuJoCo model that keeps its context, scene and buffers.

dm_control's `physics.render` allocates a scene and draws into a buffer of the model's
largest size at every frame. This one allocates once a model, into a buffer of the
frame's own size; the pixels are identical (tests/suites/envs/test_camera.py).
"""

import atexit
from functools import cache
from typing import Any
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from suites.envs.gl import prefer_egl

prefer_egl()

import mujoco  # noqa: E402

MIN_SCENE_GEOMS = 1000
"""What dm_control makes room for in the smallest model."""


_open: "WeakSet[OffscreenCamera]" = WeakSet()

_kept: list[Any] = []
"""OpenGL contexts in use. One that only a collected camera held would be finalized with
it, and MuJoCo's finalizer leaves the thread without a current context."""

_dropped: list[tuple[Any, Any]] = []
"""OpenGL and MuJoCo contexts of cameras that were collected unclosed."""


class OffscreenCamera:
    """Draws one fixed camera, wherever the simulation and its model are by then.

    Not safe after a fork: an OpenGL context cannot be shared with a child process.
    """

    def __init__(self, side: int, camera: int | str) -> None:
        """Args:
        side: height and width of a frame in pixels.
        camera: index or full name of the model's camera.
        """
        self.paused = False
        """While it is, frames are black: nobody looks, and drawing is what costs."""
        self._side = side
        self._name = camera
        self._gl: Any = None
        self._model: Any = None
        self._context: Any = None
        self._rectangle = mujoco.MjrRect(0, 0, side, side)
        self._options = mujoco.MjvOption()
        # As dm_control draws: no lines for range finders.
        self._options.flags[mujoco.mjtVisFlag.mjVIS_RANGEFINDER] = False
        self._perturb = mujoco.MjvPerturb()
        self._camera = mujoco.MjvCamera()
        self._camera.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._buffer = np.empty((side, side, 3), dtype=np.uint8)

    def render(self, physics: Any) -> NDArray[np.uint8]:
        """One frame [side, side, 3] uint8, the caller's to keep.

        Args:
            physics: a dm_control physics; a new model in it is noticed.
        """
        if self.paused:
            return np.zeros_like(self._buffer)
        model = physics.model.ptr
        _free_dropped()
        if self._gl is None:
            self._gl = mujoco.GLContext(self._side, self._side)
            _kept.append(self._gl)
            _close_at_exit()
            _open.add(self)
        self._gl.make_current()
        if model is not self._model:
            self._prepare(model)
        mujoco.mjv_updateScene(
            model,
            physics.data.ptr,
            self._options,
            self._perturb,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._scene,
        )
        mujoco.mjr_render(self._rectangle, self._scene, self._context)
        mujoco.mjr_readPixels(self._buffer, None, self._rectangle, self._context)
        # OpenGL's first row is the bottom of the picture.
        return self._buffer[::-1].copy()

    def _prepare(self, model: Any) -> None:
        """Uploads a model's meshes and textures, and makes room for its geoms."""
        self._free_context()
        buffers = model.vis.global_
        size = buffers.offwidth, buffers.offheight
        buffers.offwidth = buffers.offheight = self._side
        try:
            self._context = mujoco.MjrContext(
                model, mujoco.mjtFontScale.mjFONTSCALE_150
            )
        finally:
            buffers.offwidth, buffers.offheight = size
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._scene = mujoco.MjvScene(model, _scene_geoms(model))
        self._camera.fixedcamid = (
            self._name
            if isinstance(self._name, int)
            else mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_CAMERA, self._name)
        )
        self._model = model

    def _free_context(self) -> None:
        if self._context is not None:
            self._context.free()
        self._context = self._model = None

    def close(self) -> None:
        """Frees what the graphics driver holds; the next `render` starts anew."""
        _free_dropped()
        if self._gl is None:
            return
        _free(self._gl, self._context)
        self._gl = self._context = self._model = None

    def __del__(self) -> None:
        # Collected at any moment, also while another camera draws: the current OpenGL
        # context stays as it is.
        if self._gl is not None:
            _dropped.append((self._gl, self._context))


def _free_dropped() -> None:
    """Frees what collected cameras left."""
    while _dropped:
        _free(*_dropped.pop())


def _free(gl: Any, context: Any) -> None:
    """Frees both contexts of a camera; afterwards none is current."""
    gl.make_current()
    if context is not None:
        context.free()
    gl.free()
    _kept.remove(gl)


@cache
def _close_at_exit() -> None:
    """Closes what was left open before MuJoCo ends EGL, else each one complains.

    Functions at exit run last in, first out: MuJoCo's stands since the first context.
    """
    atexit.register(_close_all)


def _close_all() -> None:
    for camera in list(_open):
        camera.close()
    _free_dropped()


def _scene_geoms(model: Any) -> int:
    """Ample room: what does not fit in a scene is not drawn."""
    return max(MIN_SCENE_GEOMS, 10 * int(model.nbody + model.ngeom + model.nsite))

"""Which OpenGL renderer draws MuJoCo's pixels: they depend on it."""

import ctypes.util
import os

MESA_PACKAGES = ("libegl1", "libegl-mesa0", "libgl1", "libgl1-mesa-dri", "libgles2")
"""Debian and Ubuntu packages that let MuJoCo draw without a display."""


def prefer_egl() -> None:
    """Chooses EGL, which needs no display, unless the user chose; call it before
    anything imports mujoco."""
    os.environ.setdefault("MUJOCO_GL", "egl")


def libraries_missing() -> str | None:
    """What to install for headless drawing, or None when the library is there."""
    if ctypes.util.find_library("EGL") is not None:
        return None
    return "no libEGL: apt-get install " + " ".join(MESA_PACKAGES)


def renderer() -> str:
    """The renderer's name, e.g. `llvmpipe (LLVM 15.0.6, 256 bits)`.

    Raises:
        RuntimeError: no context can be made with the chosen MUJOCO_GL.
    """
    prefer_egl()
    try:
        from mujoco import GLContext

        context = GLContext(64, 64)
    except Exception as error:
        raise RuntimeError(f"no OpenGL context: {error}") from error
    try:
        context.make_current()
        from OpenGL import GL

        name = GL.glGetString(GL.GL_RENDERER)
        return name.decode() if name else "unknown"
    finally:
        context.free()

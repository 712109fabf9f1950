"""What this machine's CPU can do that decides which files of the models run."""

import ctypes
import ctypes.util
import platform
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
# Multiply bytes and add the products to 32 bits in one instruction: VNNI in its two encodings, ARM's dot product.
# AMX comes with VNNI.
_DOT_PRODUCTS = frozenset({"avx512_vnni", "avx_vnni", "asimddp"})
_WINDOWS_ARM_DOT_PRODUCTS = 43  # PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE
_MACOS_ARM_DOT_PRODUCTS = b"hw.optional.arm.FEAT_DotProd"


@cache
def multiplies_bytes() -> bool:
    """Whether the CPU has instructions that make networks in 8 bits faster than in floats, and sums that are exact.

    Without them ONNX Runtime adds pairs of products in 16 bits, which may overflow. Where it cannot be found out, the
    answer is no.
    """
    if sys.platform == "win32":  # does not say whether x86 has them
        kernel = ctypes.windll.kernel32
        return bool(kernel.IsProcessorFeaturePresent(_WINDOWS_ARM_DOT_PRODUCTS))
    if sys.platform == "darwin":
        return _macos_has(_MACOS_ARM_DOT_PRODUCTS)
    try:
        return has_dot_products(_CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return False


def has_dot_products(cpuinfo: Iterable[str]) -> bool:
    """Whether every processor listed in lines of Linux' /proc/cpuinfo has the instructions."""
    listed = [
        set(words.split())
        for name, _, words in (line.partition(":") for line in cpuinfo)
        if name.strip() in {"flags", "Features"}
    ]
    return bool(listed) and all(flags & _DOT_PRODUCTS for flags in listed)


def _macos_has(name: bytes) -> bool:
    if platform.machine() != "arm64":
        return False
    library = ctypes.CDLL(ctypes.util.find_library("c"))
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    return library.sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0) == 0 and bool(value.value)

"""CPU time and memory of a process and its children, read from /proc (Linux)."""

import os
from pathlib import Path


def stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def family(process: int) -> list[int]:
    """The process and its children that run."""
    found = [process]
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(stat(int(entry.name))[1]) == process:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def cpu_seconds(process: int) -> float:
    """Of the process and of all children that it has or had."""
    ticks = sum(int(ticks) for ticks in stat(process)[13:15])
    for each in family(process):
        ticks += sum(int(ticks) for ticks in stat(each)[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_bytes(process: int) -> int:
    """The most memory that each of them has had, added up."""
    peaks = 0
    for each in family(process):
        status = Path(f"/proc/{each}/status").read_text()
        peaks += 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])
    return peaks


def forget_peaks(process: int) -> None:
    """From now on peaks are counted anew."""
    for each in family(process):
        Path(f"/proc/{each}/clear_refs").write_text("5")

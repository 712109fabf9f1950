"""Whether memory grows: the service's resident memory after 200 and after 2,000 requests.

    python benchmarks/memory.py [--few 200] [--many 2000]
    python benchmarks/memory.py --hostile

Requests are DetectLabels over HTTP, signed, from 16 threads. There is no peer: the limit is a ratio of 1.

With --hostile, one image after another that is made to cost: CPU time, and the peaks of memory of the service and its
decoder processes added up, above those when warm. The limits are 2 s and 600 MB.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from overhead import Service, sample_pictures

THREADS = 16
_CHUNK = 200


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=2000)
    parser.add_argument("--hostile", action="store_true", help="costs of hostile images, instead")
    arguments = parser.parse_args()
    if arguments.hostile:
        hostile()
        return
    pictures = sample_pictures()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        sizes: dict[int, int] = {}
        try:
            with ThreadPoolExecutor(THREADS) as executor:
                for done in range(0, arguments.many, _CHUNK):
                    for answer in executor.map(service.asking(pictures), range(_CHUNK)):
                        assert answer
                    sizes[done + _CHUNK] = service.resident_bytes()
                    print(f"{done + _CHUNK} requests: {sizes[done + _CHUNK] / 1e6:.0f} MB", flush=True)
        finally:
            service.close()
    few, many = sizes[arguments.few], sizes[arguments.many]
    print(f"after {arguments.few}: {few / 1e6:.0f} MB, after {arguments.many}: {many / 1e6:.0f} MB, {many / few:.3f}")


def hostile() -> None:
    """Prints what each hostile image costs."""
    from tests.hostile_images import HOSTILE, encoded
    from tests.process_costs import cpu_seconds, forget_peaks, peak_bytes

    images = {name: image() for name, image in HOSTILE.items()}
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        try:
            for _ in range(3):
                service.asking([encoded("PNG")])(0)
            for name, image in images.items():
                ask = service.asking([image])
                forget_peaks(service.pid)
                cpu, memory = cpu_seconds(service.pid), peak_bytes(service.pid)
                outcome = "analysed"
                try:
                    ask(0)
                except RuntimeError as refusal:
                    outcome = "refused" if str(refusal).startswith("400") else str(refusal)
                cpu, memory = cpu_seconds(service.pid) - cpu, peak_bytes(service.pid) - memory
                print(f"{name:55} {cpu:5.2f} s {memory / 1e6:6.0f} MB  {outcome}", flush=True)
        finally:
            service.close()


if __name__ == "__main__":
    main()

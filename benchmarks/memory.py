"""Whether memory grows: the service's resident memory after 200 and after 2,000 requests.

    python benchmarks/memory.py [--few 200] [--many 2000]

Requests are DetectLabels over HTTP, signed, from 16 threads. There is no peer: the limit is a ratio of 1.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from overhead import Service, sample_pictures

THREADS = 16
_CHUNK = 200


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=2000)
    arguments = parser.parse_args()
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


if __name__ == "__main__":
    main()

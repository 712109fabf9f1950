"""What 1,000 images cost on AWS, with Amazon Rekognition and with openrek's own models.

    python benchmarks/aws_cost.py [--prices FILE] [--seconds-amazon 1.5] [--seconds-openrek 1.0]

The prices are inputs, in benchmarks/aws_prices.toml with the page to check each on; so is what an image takes, below.
It is arithmetic and needs neither AWS nor openrek.
"""

import argparse
import tomllib
from collections.abc import Mapping
from pathlib import Path

IMAGES = 1000
MEMORY_GB = {"amazon": 1536 / 1024, "openrek": 3008 / 1024}
AUTHORISER_GB_SECONDS = 256 / 1024 * 0.01
CALLS = 4
"""Labels, faces, text, moderation: each is an image to Amazon's bill."""
KEPT_GB = 0.0006
"""A photo of 300 KB, the annotated one, the thumbnail and the result."""
LOG_GB = 0.000004
SENT_GB = 0.0004
"""The answer, the thumbnail, and the annotated image looked at once."""
LISTED = 18
"""Results that the console's list reads, once for each image, for which the function takes LIST_SECONDS."""
LIST_SECONDS = 0.3
LOADS = 20
"""First visits of the console among PICTURES images: each calls the function LOAD_REQUESTS times for LOAD_SECONDS and
takes LOAD_FILES files, LOAD_GB altogether, from CloudFront."""
LOAD_REQUESTS = 5
LOAD_FILES = 120
LOAD_SECONDS = 0.01
LOAD_GB = 0.0015
ALARMS = 6
# The template's defaults.
ANALYSIS_RATE = 1
THROTTLE_RATE = 20
MAX_CONCURRENCY = 5

Table = dict[str, float]


def costs(prices: Mapping[str, float], flavour: str, seconds: float) -> Table:
    """US dollars for PICTURES images sent through the API and kept for a month, by what they are for."""
    compute = MEMORY_GB[flavour] * (seconds + LIST_SECONDS) + 2 * AUTHORISER_GB_SECONDS
    each = {
        "Amazon Rekognition": CALLS * prices["rekognition_image"] if flavour == "amazon" else 0.0,
        "Lambda": compute * prices["lambda_gb_second"] + 4 * prices["lambda_request"],
        "HTTP API": 2 * prices["http_api_request"],
        # The bucket is listed once, which tells of a thousand analyses.
        "S3 requests": 5 * prices["s3_put"] + (2 + LISTED) * prices["s3_get"],
        "S3 for a month": KEPT_GB * prices["s3_gb_month"],
        "Logs": LOG_GB * prices["logs_gb"],
        "Transfer": SENT_GB * prices["transfer_gb"],
    }
    load = LOAD_SECONDS * MEMORY_GB[flavour] * prices["lambda_gb_second"] + prices["lambda_request"]
    load += prices["http_api_request"] + prices["s3_get"]
    table = {name: IMAGES * dollars for name, dollars in each.items()}
    files = LOAD_FILES * prices["cloudfront_request"] + LOAD_GB * prices["cloudfront_gb"]
    return table | {"The console's page": LOADS * (LOAD_REQUESTS * load + files)}


def bounds(
    prices: Mapping[str, float], each: Mapping[str, float], seconds: Mapping[str, float]
) -> list[tuple[str, float, float]]:
    """(who, `amazon`, `openrek`): US dollars a day that the default limits let a leaked key, or the inbox, spend.

    Args:
        prices: As of `costs`.
        each: US dollars for one image by flavour.
        seconds: Of the function for an image, by flavour.
    """
    day = 86_400
    by_key = ANALYSIS_RATE * day
    listing = {
        flavour: LIST_SECONDS * MEMORY_GB[flavour] * prices["lambda_gb_second"]
        + prices["lambda_request"]
        + prices["http_api_request"]
        + prices["s3_put"]
        + LISTED * prices["s3_get"]
        for flavour in each
    }
    by_inbox = {flavour: MAX_CONCURRENCY / seconds[flavour] * day for flavour in each}

    def row(who: str, spent: Mapping[str, float]) -> tuple[str, float, float]:
        return who, spent["amazon"], spent["openrek"]

    return [
        row("Whoever has the key: AnalysisRate analyses a second", {name: by_key * each[name] for name in each}),
        row(
            "and ThrottleRate lists of analyses a second", {name: THROTTLE_RATE * day * listing[name] for name in each}
        ),
        row(
            "Whoever may write to the bucket: MaxConcurrency calls at once",
            {name: by_inbox[name] * each[name] for name in each},
        ),
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prices", type=Path, default=Path(__file__).with_name("aws_prices.toml"))
    parser.add_argument("--seconds-amazon", type=float, default=1.5, help="Seconds of the function for an image.")
    parser.add_argument("--seconds-openrek", type=float, default=1.0, help="Likewise.")
    arguments = parser.parse_args()
    prices = {name: entry["price"] for name, entry in tomllib.loads(arguments.prices.read_text()).items()}
    amazon = costs(prices, "amazon", arguments.seconds_amazon)
    openrek = costs(prices, "openrek", arguments.seconds_openrek)
    print(f"| {IMAGES:,} images, US dollars | `amazon` | `openrek` |")
    print("| --- | ---: | ---: |")
    for name in amazon:
        print(f"| {name} | {amazon[name]:.4f} | {openrek[name]:.4f} |")
    print(f"| **Together** | **{sum(amazon.values()):.2f}** | **{sum(openrek.values()):.2f}** |")
    print("\n| US dollars a day at most | `amazon` | `openrek` |")
    print("| --- | ---: | ---: |")
    each_picture = {"amazon": sum(amazon.values()) / IMAGES, "openrek": sum(openrek.values()) / IMAGES}
    seconds = {"amazon": arguments.seconds_amazon, "openrek": arguments.seconds_openrek}
    for who, first, second in bounds(prices, each_picture, seconds):
        print(f"| {who} | {first:,.0f} | {second:,.0f} |")
    print(f"\nBeside that {ALARMS} alarms: {ALARMS * prices['alarm_month']:.2f} a month.")


if __name__ == "__main__":
    main()

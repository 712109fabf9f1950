"""The feature IMAGE_PROPERTIES of DetectLabels.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabelsImageProperties.html
"""

from typing import Any

from openrek.rekognition.render.colours import css_name, simple_name
from openrek.vision import Colour, ImageProperties, Properties

MAX_COLOURS = 10


def render(found: ImageProperties, maximum: int) -> dict[str, Any]:
    """ImageProperties with at most so many colours a part. Foreground is what lies in the boxes of objects."""
    parts = {"Foreground": found.foreground, "Background": found.background}
    return _part(found.whole, maximum) | {
        name: _part(properties, maximum) for name, properties in parts.items() if properties is not None
    }


def _part(properties: Properties, maximum: int) -> dict[str, Any]:
    return {
        "Quality": {
            "Brightness": properties.brightness,
            "Sharpness": properties.sharpness,
            "Contrast": properties.contrast,
        },
        "DominantColors": [_colour(colour) for colour in properties.colours[:maximum]],
    }


def _colour(colour: Colour) -> dict[str, Any]:
    css = css_name(colour.red, colour.green, colour.blue)
    return {
        "Red": colour.red,
        "Green": colour.green,
        "Blue": colour.blue,
        "HexCode": f"#{colour.red:02x}{colour.green:02x}{colour.blue:02x}",
        "CSSColor": css,
        "SimplifiedColor": simple_name(css),
        "PixelPercent": colour.share * 100,
    }

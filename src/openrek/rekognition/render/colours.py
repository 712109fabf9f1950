"""Names of colours: CSS's, and twelve simple ones. https://www.w3.org/TR/css-color-4/#named-colors"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

_SIMPLE = {
    "pink": "pink lightpink hotpink deeppink palevioletred mediumvioletred",
    "red": "lightsalmon salmon darksalmon lightcoral indianred crimson firebrick darkred red",
    "orange": "orangered tomato coral darkorange orange",
    "yellow": "yellow lightyellow lemonchiffon lightgoldenrodyellow papayawhip moccasin peachpuff palegoldenrod khaki "
    "darkkhaki gold",
    "brown": "cornsilk blanchedalmond bisque navajowhite wheat burlywood tan rosybrown sandybrown goldenrod "
    "darkgoldenrod peru chocolate saddlebrown sienna brown maroon",
    "green": "darkolivegreen olive olivedrab yellowgreen limegreen lime lawngreen chartreuse greenyellow springgreen "
    "mediumspringgreen lightgreen palegreen darkseagreen mediumaquamarine mediumseagreen seagreen forestgreen green "
    "darkgreen",
    "cyan": "cyan lightcyan paleturquoise aquamarine turquoise mediumturquoise darkturquoise lightseagreen cadetblue "
    "darkcyan teal",
    "blue": "lightsteelblue powderblue lightblue skyblue lightskyblue deepskyblue dodgerblue cornflowerblue steelblue "
    "royalblue blue mediumblue darkblue navy midnightblue",
    "purple": "lavender thistle plum violet orchid magenta mediumorchid mediumpurple blueviolet darkviolet darkorchid "
    "darkmagenta purple indigo darkslateblue slateblue mediumslateblue rebeccapurple",
    "white": "white snow honeydew mintcream azure aliceblue ghostwhite whitesmoke seashell beige oldlace floralwhite "
    "ivory antiquewhite linen lavenderblush mistyrose",
    "grey": "gainsboro lightgrey silver darkgrey grey dimgrey lightslategrey slategrey darkslategrey",
    "black": "black",
}
_SIMPLE_OF = {name: simple for simple, names in _SIMPLE.items() for name in names.split()}


def css_name(red: int, green: int, blue: int) -> str:
    """The named colour that looks most like this one: nearest in CIELAB."""
    names, indices = _named()
    distance = np.linalg.norm(indices - _lab([(red, green, blue)]), axis=1)
    return names[int(distance.argmin())]


def simple_name(css: str) -> str:
    """Which of twelve colours a named one is a shade of."""
    return _SIMPLE_OF[css]


@cache
def _named() -> tuple[list[str], NDArray[np.float32]]:
    names = list(_SIMPLE_OF)
    return names, _lab([ImageColor.getrgb(name)[:3] for name in names])


def _lab(colours: list[tuple[int, int, int]]) -> NDArray[np.float32]:
    scaled = np.array(colours, np.float32).reshape(-1, 1, 3) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB).reshape(-1, 3), np.float32)

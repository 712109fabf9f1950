"""stub"""
import numpy as np
from numpy.typing import NDArray
from openrek.imaging.decode import decode
from openrek.imaging.structure import ImageStructure

def decode_pixels(structure: ImageStructure, scale: int) -> NDArray[np.uint8]:
    return np.asarray(decode(structure, scale))

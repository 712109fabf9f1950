"""What Lambda runs: a zip for flavour amazon, the folder of an image for flavour openrek.

Both are the same bytes for the same source, packages and models, and are named by their SHA-256: what is there
already need not be sent again.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openrek.deploy.tree import build_tree, files_of
from openrek.deploy.wheels import ArtefactError, Target

MAX_ZIP_BYTES = 50_000_000
"""Lambda takes larger ones only unpacked to less than 250 MB; openrek's is far below."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TREE = "function"
# Compiled beforehand, because the function's folder cannot be written to: a quarter less until the first answer. That
# runs on the machine that builds; what it makes is the same for either processor.
COMPILE = "python -m compileall -q -j 0 --invalidation-mode unchecked-hash -s /function -p /var/task /function"
_DOCKERFILE = """\
# The models and the function on Lambda's own image, https://docs.aws.amazon.com/lambda/latest/dg/python-image.html
FROM --platform=$BUILDPLATFORM public.ecr.aws/lambda/python:{python} AS compiled
COPY {tree}/ /function/
RUN {compile}

FROM public.ecr.aws/lambda/python:{python}
COPY --from=compiled /function/ ${{LAMBDA_TASK_ROOT}}/
CMD ["openrek.aws.handler"]
"""

StepCallback = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Artefact:
    """A zip file or the folder of an image."""

    path: Path
    sha256: str
    """Hexadecimal; of an image, of its files with their names."""
    unpacked_bytes: int


def build_zip(folder: Path, target: Target, on_step: StepCallback) -> Artefact:
    """Writes `function.zip` into the folder.

    Raises:
        ArtefactError: a package could not be fetched.
    """
    on_step("Fetching the function's packages")
    tree = folder / _TREE
    size = build_tree(tree, "amazon", target)
    on_step("Packing the function")
    path = folder / "function.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in files_of(tree):
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), _EPOCH)
            entry.create_system = 3  # Unix, whatever system packs it, so that the permissions count
            entry.external_attr = (0o100755 if file.suffix == ".so" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes(), compresslevel=9)
    shutil.rmtree(tree)
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise ArtefactError(f"the zip has {path.stat().st_size:,} bytes; Lambda takes {MAX_ZIP_BYTES:,}")
    return Artefact(path, hashlib.sha256(path.read_bytes()).hexdigest(), size)


def build_image_folder(folder: Path, target: Target, on_step: StepCallback) -> Artefact:
    """Writes `image/`: a Dockerfile and the function's files.

    Raises:
        ArtefactError: a package could not be fetched, or the model pack is not installed.
    """
    on_step("Fetching the function's packages and copying the models")
    image = folder / "image"
    size = build_tree(image / _TREE, "openrek", target)
    dockerfile = _DOCKERFILE.format(python=target.python, tree=_TREE, compile=COMPILE)
    (image / "Dockerfile").write_text(dockerfile, encoding="utf-8")
    digest = hashlib.sha256()
    for file in files_of(image):
        name = file.relative_to(image).as_posix()
        digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    digest.update(target.architecture.encode())
    return Artefact(image, digest.hexdigest(), size)

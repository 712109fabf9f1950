// From a result to the outlines on its image. Coordinates are ratios of the image's width and height, 0 to 1.
import { t } from "./i18n.js";
import { englishOf, nameOf } from "./names.js";

export const LAYERS = ["objects", "faces", "text"];

/**
 * One outline: `id` ("objects:0:2" is the third box of the first label), `layer`, `name`, `confidence` 0-100, `points`;
 * `original` is a label's English name, where that is not what is shown.
 * An id that starts another's, up to a colon, stands for the whole group.
 */
export function overlaysOf(result) {
  const objects = result.labels.flatMap((label, index) =>
    (label.Instances ?? []).map((instance, place) => ({
      id: `objects:${index}:${place}`,
      layer: "objects",
      name: nameOf(label.Name),
      original: englishOf(label.Name),
      confidence: instance.Confidence ?? label.Confidence,
      points: corners(instance.BoundingBox),
    })),
  );
  const faces = result.faces.map((face, index) => ({
    id: `faces:${index}`,
    layer: "faces",
    name: t("faces.name", { n: index + 1 }),
    confidence: face.Confidence,
    points: corners(face.BoundingBox),
  }));
  const text = linesOf(result).map((line, index) => ({
    id: `text:${index}`,
    layer: "text",
    name: line.DetectedText,
    confidence: line.Confidence,
    points: line.Geometry.Polygon?.map(({ X, Y }) => [X, Y]) ?? corners(line.Geometry.BoundingBox),
  }));
  // Large ones first: what lies inside another outline stays within reach of the pointer.
  return [...objects, ...faces, ...text].sort((a, b) => area(b.points) - area(a.points));
}

export const linesOf = (result) => result.text.filter((found) => found.Type === "LINE");

/** Whether `lit` (an overlay's or a group's id, or null) covers the overlay `id`. */
export const isLit = (id, lit) => lit !== null && (id === lit || id.startsWith(`${lit}:`));

function corners({ Left, Top, Width, Height }) {
  return [
    [Left, Top],
    [Left + Width, Top],
    [Left + Width, Top + Height],
    [Left, Top + Height],
  ];
}

function area(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
}

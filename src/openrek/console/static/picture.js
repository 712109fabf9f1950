// Makes an image fit the upload limit, in the browser.

export const MAX_BYTES = 15 * 1024 * 1024;
const MAX_SIDE = 4096;
const ATTEMPTS = [
  [1, 0.92],
  [1, 0.85],
  [0.75, 0.85],
  [0.5, 0.8],
];
// Formats that browsers may read and the server does not.
const FOREIGN = new Set(["image/heic", "image/heif"]);

export class UnreadablePicture extends Error {
  constructor(bytes) {
    super("unreadable");
    this.bytes = bytes;
  }
}

/** Whether this file must be re-encoded before it is sent. */
export const mustShrink = (file) => file.size > MAX_BYTES || FOREIGN.has(file.type);

/** A JPEG of at most 4096 pixels a side and 15 MiB; upright, because the browser applies the EXIF orientation. */
export async function shrink(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new UnreadablePicture(file.size);
  }
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  try {
    for (const [factor, quality] of ATTEMPTS) {
      const blob = await encode(bitmap, scale * factor, quality);
      if (blob && blob.size <= MAX_BYTES) return blob;
    }
  } finally {
    bitmap.close();
  }
  throw new UnreadablePicture(file.size);
}

/** The current frame of a video, as JPEG. */
export function snapshot(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

function encode(bitmap, scale, quality) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // JPEG has no transparency: the server puts images on white too.
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

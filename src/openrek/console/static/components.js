// The ready-made components, with icons from this server only.
import { registerIconLibrary } from "./vendor/webawesome/index.js";

const SAME = { xmark: "x", "circle-xmark": "circle-x" };
const resolver = (name) => `/console/vendor/icons/${SAME[name] ?? name}.svg`;

registerIconLibrary("default", { resolver });
registerIconLibrary("system", { resolver });

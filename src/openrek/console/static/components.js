// The ready-made components, with icons from this server only.
import { registerIconLibrary } from "./vendor/webawesome/index.js";

const SAME = { xmark: "x", "circle-xmark": "circle-x" };
// By the module's own address: on AWS the files come from another origin than the page.
const resolver = (name) => new URL(`./vendor/icons/${SAME[name] ?? name}.svg`, import.meta.url).href;

registerIconLibrary("default", { resolver });
registerIconLibrary("system", { resolver });

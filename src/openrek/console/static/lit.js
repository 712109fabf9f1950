// One door to the vendored Lit, so that no other file knows where it lies.
export { LitElement, html, svg, nothing } from "./vendor/lit-element/lit-element.js";
export { classMap } from "./vendor/lit-html/directives/class-map.js";
export { repeat } from "./vendor/lit-html/directives/repeat.js";

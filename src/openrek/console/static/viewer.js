// The image with its results drawn on it.
import { number, percent, t } from "./i18n.js";
import { classMap, html, nothing, repeat, svg } from "./lit.js";
import { isLit, LAYERS, overlaysOf } from "./overlays.js";
import { Piece } from "./piece.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
// More names than this would hide the image.
const NAMES_AT_ONCE = 8;

/** Fires `lit` with an overlay's id (or null) when the pointer or the keyboard reaches one. */
class Viewer extends Piece {
  static properties = {
    result: { attribute: false },
    lit: { attribute: false },
    shown: { state: true },
    source: { state: true },
    current: { state: true },
  };

  constructor() {
    super();
    this.lit = null;
    this.shown = new Set(LAYERS);
    this.source = "original";
    this.current = null;
  }

  willUpdate(changed) {
    if (changed.has("result") && changed.get("result")?.id !== this.result.id) {
      this.source = "original";
      this.current = null;
    }
  }

  render() {
    const all = overlaysOf(this.result);
    const visible = all.filter((overlay) => this.shown.has(overlay.layer));
    return html`
      <fieldset class="layers">
        <legend class="hidden">${t("viewer.show")}</legend>
        ${LAYERS.map((layer) => this.switch(layer, all.filter((overlay) => overlay.layer === layer).length))}
      </fieldset>
      <figure class="picture">${this.picture(visible)}</figure>
      ${this.source === "annotated" ? html`<p class="quiet small">${t("viewer.annotated")}</p>` : nothing}
    `;
  }

  switch(layer, count) {
    return html`<wa-switch
      size="s"
      class="layer ${layer}"
      data-layer=${layer}
      ?checked=${this.shown.has(layer)}
      ?disabled=${count === 0}
      @change=${(event) => this.toggle(layer, event.target.checked)}
      >${t(`layer.${layer}`)} <span class="count">${number(count)}</span></wa-switch
    >`;
  }

  picture(visible) {
    if (this.source === null) return html`<p class="missing">${t("viewer.missing")}</p>`;
    const { width, height } = this.result.image;
    const names = visible.filter((overlay) =>
      this.lit === null
        ? overlay.layer === "objects" && visible.length <= NAMES_AT_ONCE
        : isLit(overlay.id, this.lit),
    );
    return html`<div class="frame" style="aspect-ratio: ${width} / ${height}; --ratio: ${width / height}">
      <img
        src=${this.result.objects[this.source].url}
        alt=${t("viewer.picture")}
        width=${width}
        height=${height}
        @error=${() => (this.source = this.source === "original" ? "annotated" : null)}
      />
      ${this.source === "annotated" ? nothing : this.outlines(visible)}
      ${names.map((overlay) => this.nameTag(overlay))}
    </div>`;
  }

  outlines(visible) {
    const first = visible.some((overlay) => overlay.id === this.current) ? this.current : visible[0]?.id;
    return svg`<svg class=${classMap({ outlines: true, dimmed: this.lit !== null })}
        viewBox="0 0 1 1" preserveAspectRatio="none" role="group" aria-label=${t("viewer.boxes")}
        @keydown=${this.step} @pointerleave=${() => this.tell("lit", null)}>
      ${repeat(
        visible,
        (overlay) => overlay.id,
        (overlay) => svg`<g class=${classMap({ outline: true, [overlay.layer]: true, lit: isLit(overlay.id, this.lit) })}
            data-id=${overlay.id} role="img" tabindex=${overlay.id === first ? "0" : "-1"}
            aria-label=${t("viewer.box", { name: overlay.name, percent: percent(overlay.confidence) })}
            @pointerenter=${() => this.tell("lit", overlay.id)}
            @focus=${() => this.reach(overlay.id)} @blur=${() => this.tell("lit", null)}>
          ${overlay.original ? svg`<title>${overlay.original}</title>` : nothing}
          <polygon class="casing" points=${pointsOf(overlay)} /><polygon class="line" points=${pointsOf(overlay)} />
        </g>`,
      )}
    </svg>`;
  }

  nameTag(overlay) {
    const left = Math.max(0, Math.min(...overlay.points.map(([x]) => x)));
    const top = Math.max(0, Math.min(...overlay.points.map(([, y]) => y)));
    const side = left > 0.5 ? `right: ${(1 - Math.min(1, Math.max(...overlay.points.map(([x]) => x)))) * 100}%` : `left: ${left * 100}%`;
    return html`<span
      class=${classMap({ "name-tag": true, [overlay.layer]: true, below: top < 0.05 })}
      style="${side}; top: ${top * 100}%"
      aria-hidden="true"
      ><bdi>${overlay.name}</bdi> ${percent(overlay.confidence)} %</span
    >`;
  }

  toggle(layer, on) {
    this.shown = new Set(LAYERS.filter((each) => (each === layer ? on : this.shown.has(each))));
  }

  reach(id) {
    this.current = id;
    this.tell("lit", id);
  }

  step(event) {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    const outlines = [...this.querySelectorAll(".outline")];
    const here = outlines.indexOf(document.activeElement);
    outlines[(here + by + outlines.length) % outlines.length]?.focus();
  }
}

const pointsOf = (overlay) => overlay.points.map(([x, y]) => `${x},${y}`).join(" ");

customElements.define("rek-viewer", Viewer);

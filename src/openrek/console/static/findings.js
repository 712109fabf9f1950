// What was found, as lists: labels, faces, lines of text, and the content check.
import { counted, number, percent, t } from "./i18n.js";
import { classMap, html, nothing } from "./lit.js";
import { englishOf, nameOf } from "./names.js";
import { isLit, linesOf } from "./overlays.js";
import { Piece } from "./piece.js";

const LABELS_AT_FIRST = 10;

/** Fires `lit` with the id of a group of outlines (or null), as the viewer does. */
class Findings extends Piece {
  static properties = {
    result: { attribute: false },
    lit: { attribute: false },
    everything: { state: true },
  };

  constructor() {
    super();
    this.lit = null;
    this.everything = false;
  }

  willUpdate(changed) {
    if (changed.has("result") && changed.get("result")?.id !== this.result.id) this.everything = false;
  }

  render() {
    return html`${this.moderation()} ${this.labels()} ${this.faces()} ${this.text()}`;
  }

  moderation() {
    const found = this.result.moderation;
    const safe = found.length === 0;
    return html`<p class="moderation">
      <span class="hidden">${t("moderation.title")}:</span>
      <span class=${classMap({ badge: true, safe })}>
        <wa-icon name=${safe ? "shield-check" : "shield-alert"}></wa-icon>
        ${t(safe ? "moderation.safe" : "moderation.found")}
      </span>
      ${found.map(
        ({ Name, Confidence }) =>
          html`<span class="quiet small" title=${englishOf(Name, "moderation") ?? nothing}
            >${nameOf(Name, "moderation")} ${percent(Confidence)} %</span
          >`,
      )}
    </p>`;
  }

  labels() {
    const { labels } = this.result;
    // Of "Cat" and its parents ("Feline", "Animal") only "Cat" is shown at first, and parents with boxes: of three
    // persons perhaps one is known to be a woman.
    const parents = new Set(labels.flatMap((label) => (label.Parents ?? []).map(({ Name }) => Name)));
    const leading = labels.filter((label) => label.Instances?.length || !parents.has(label.Name)).slice(0, LABELS_AT_FIRST);
    const rows = this.everything ? labels : leading;
    return html`<section class="list labels" aria-labelledby="labels-title">
      <h3 id="labels-title">${t("labels.title")} <span class="count">${number(labels.length)}</span></h3>
      ${labels.length === 0 ? html`<p class="quiet">${t("labels.none")}</p>` : nothing}
      <ul>
        ${rows.map((label) => {
          const index = labels.indexOf(label);
          const boxes = label.Instances?.length ?? 0;
          const parents = (label.Parents ?? []).map(({ Name }) => nameOf(Name));
          const detail = [boxes ? counted("labels.boxes", boxes) : "", ...parents];
          const id = boxes ? `objects:${index}` : null;
          return this.row(id, "objects", nameOf(label.Name), label.Confidence, detail, englishOf(label.Name));
        })}
      </ul>
      ${labels.length > leading.length
        ? html`<wa-button size="s" appearance="plain" @click=${() => (this.everything = !this.everything)}>
            ${this.everything ? t("labels.fewer") : t("labels.more", { n: number(labels.length) })}
          </wa-button>`
        : nothing}
    </section>`;
  }

  faces() {
    const { faces } = this.result;
    return html`<section class="list" aria-labelledby="faces-title">
      <h3 id="faces-title">${t("faces.title")} <span class="count">${number(faces.length)}</span></h3>
      ${faces.length === 0 ? html`<p class="quiet">${t("faces.none")}</p>` : nothing}
      <ul>
        ${faces.map((face, index) =>
          this.row(`faces:${index}`, "faces", t("faces.name", { n: index + 1 }), face.Confidence, faceDetail(face)),
        )}
      </ul>
    </section>`;
  }

  text() {
    const lines = linesOf(this.result);
    return html`<section class="list" aria-labelledby="text-title">
      <h3 id="text-title">
        ${t("text.title")} <span class="count">${number(lines.length)}</span>
        ${lines.length
          ? html`<rek-copy .what=${lines.map((line) => line.DetectedText).join("\n")} .label=${t("text.copy")} quiet></rek-copy>`
          : nothing}
      </h3>
      ${lines.length === 0 ? html`<p class="quiet">${t("text.none")}</p>` : nothing}
      <ul>
        ${lines.map((line, index) => this.row(`text:${index}`, "text", line.DetectedText, line.Confidence, []))}
      </ul>
    </section>`;
  }

  /** Touch has no hover: a tap also scrolls the image into view. */
  point(id) {
    this.tell("lit", id);
    this.tell("look");
  }

  /**
   * A row with an id points at outlines: it is a button, for the pointer, the finger and the keyboard.
   * `original` is the name's English, where that is not what is shown.
   */
  row(id, layer, name, confidence, detail, original) {
    const words = detail.filter(Boolean).join(" · ");
    const content = html`
      <span class="name" title=${original ?? nothing}><bdi>${name}</bdi></span>
      <span class="number" aria-label=${t("confidence", { percent: percent(confidence) })}>${percent(confidence)} %</span>
      <span class="bar" aria-hidden="true"><span style="inline-size: ${Math.min(100, confidence)}%"></span></span>
      ${words ? html`<span class="detail">${words}</span>` : nothing}
    `;
    if (id === null) return html`<li><div class="row ${layer} whole">${content}</div></li>`;
    const lit = this.lit !== null && (isLit(this.lit, id) || isLit(id, this.lit));
    return html`<li>
      <button
        type="button"
        class=${classMap({ row: true, [layer]: true, lit })}
        data-id=${id}
        @pointerenter=${() => this.tell("lit", id)}
        @pointerleave=${() => this.tell("lit", null)}
        @focus=${() => this.tell("lit", id)}
        @blur=${() => this.tell("lit", null)}
        @click=${() => this.point(id)}
      >
        ${content}
      </button>
    </li>`;
  }
}

function faceDetail({ Pose, Quality }) {
  const whole = (n) => number(Math.round(n));
  return [
    Pose && t("faces.pose", { yaw: whole(Pose.Yaw), pitch: whole(Pose.Pitch), roll: whole(Pose.Roll) }),
    Quality && t("faces.quality", { brightness: whole(Quality.Brightness), sharpness: whole(Quality.Sharpness) }),
  ];
}

customElements.define("rek-findings", Findings);

// Behind the findings: stored files, times, JSON, log.
import { ApiError, readLogs } from "./api.js";
import { clock, number, t } from "./i18n.js";
import { html, nothing } from "./lit.js";
import { Piece } from "./piece.js";

const ROLES = ["original", "annotated", "result", "thumbnail"];
const STEPS = ["labels", "faces", "text", "moderation", "recognition", "draw", "store", "total"];
const KNOWN = new Set(["timestamp", "level", "event", "message", "analysis_id", "position"]);
// Colouring more than this would only slow the page down.
const MAX_COLOURED = 400_000;

/** What the analysis took and left behind. */
class Details extends Piece {
  static properties = {
    result: { attribute: false },
    events: { state: true },
    failure: { state: true },
    jsonOpen: { state: true },
  };

  willUpdate(changed) {
    if (changed.has("result") && changed.get("result")?.id !== this.result.id) {
      this.events = null;
      this.failure = null;
      this.querySelector(".logs")?.removeAttribute("open");
    }
  }

  render() {
    return html`
      <wa-details class="files" open>
        ${summary("link", t("objects.title"))}
        ${this.files()}
      </wa-details>
      <wa-details class="times">
        ${summary("clock", t("times.title"), t("times.ms", { n: number(this.result.timings_ms.total ?? 0) }))}
        ${this.times()}
      </wa-details>
      <wa-details class="json" @wa-show=${() => (this.jsonOpen = true)}>
        ${summary("braces", t("json.title"))}
        ${this.jsonOpen ? this.json() : nothing}
      </wa-details>
      <wa-details class="logs" @wa-show=${this.readLog}>
        ${summary("scroll-text", t("logs.title"))}
        ${this.log()}
      </wa-details>
    `;
  }

  files() {
    return html`<ul class="plain">
        ${ROLES.filter((role) => this.result.objects[role]).map((role) => {
          const { bucket, key, url } = this.result.objects[role];
          const name = t(`objects.${role}`);
          return html`<li class="file" data-role=${role}>
            <span>
              <a href=${url} target="_blank" rel="noopener">${name}</a>
              <code class="quiet small">s3://${bucket}/${key}</code>
            </span>
            <rek-copy .what=${url} .label=${t("objects.copy", { name })} quiet></rek-copy>
          </li>`;
        })}
      </ul>
      <p class="quiet small">${t("objects.hint")}</p>`;
  }

  times() {
    const times = this.result.timings_ms;
    const longest = Math.max(1, ...Object.values(times));
    return html`<dl class="steps">
      ${STEPS.filter((step) => step in times).map(
        (step) =>
          html`<dt>${t(`times.${step}`)}</dt>
            <dd>
              <span class="bar" aria-hidden="true"><span style="inline-size: ${(100 * times[step]) / longest}%"></span></span>
              <span class="number">${t("times.ms", { n: number(times[step], times[step] < 10 ? 1 : 0) })}</span>
            </dd>`,
      )}
    </dl>`;
  }

  json() {
    const text = JSON.stringify(this.result, null, 2);
    return html`<rek-copy .what=${text} .label=${t("json.copy")}></rek-copy>
      <pre class="code" tabindex="0" aria-label=${t("json.title")}>${text.length > MAX_COLOURED ? text : coloured(text)}</pre>`;
  }

  log() {
    if (this.failure) return html`<p role="alert">${this.failure}</p>`;
    if (!this.events) return html`<wa-spinner></wa-spinner>`;
    return html`
      <wa-button size="s" appearance="outlined" @click=${this.readLog}>
        <wa-icon slot="start" name="refresh-cw"></wa-icon>${t("logs.reload")}
      </wa-button>
      ${this.events.length === 0 ? html`<p class="quiet">${t("logs.none")}</p>` : nothing}
      <ol class="plain log">
        ${this.events.map(
          (event) => html`<li>
            <time datetime=${event.timestamp}>${clock(event.timestamp)}</time>
            <span class="level ${event.level.toLowerCase()}">${event.level}</span>
            <strong>${event.event}</strong> ${event.message ?? ""}
            <span class="quiet">${fieldsOf(event)}</span>
          </li>`,
        )}
      </ol>
    `;
  }

  async readLog(event) {
    if (event.type === "wa-show" && event.target !== event.currentTarget) return;
    const { id } = this.result;
    try {
      const { events } = await readLogs(id);
      if (id !== this.result.id) return;
      this.failure = null;
      this.events = events.sort((a, b) => a.timestamp.localeCompare(b.timestamp));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.failure = error.message || t("error.Network");
    }
  }
}

const summary = (icon, title, aside) =>
  html`<span slot="summary" class="summary"><wa-icon name=${icon}></wa-icon> ${title} ${aside ? html`<span class="quiet">${aside}</span>` : nothing}</span>`;

const fieldsOf = (event) =>
  Object.entries(event)
    .filter(([name]) => !KNOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join("  ");

/** JSON with names, strings and other values in colours of their own. */
function coloured(text) {
  return text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|-?\b\d[\d.eE+-]*\b|\btrue\b|\bfalse\b|\bnull\b)/).map((part, index) => {
    if (index % 2 === 0) return part;
    const kind = part.endsWith(":") ? "key" : part.startsWith('"') ? "string" : "value";
    return html`<span class=${kind}>${part}</span>`;
  });
}

customElements.define("rek-details", Details);

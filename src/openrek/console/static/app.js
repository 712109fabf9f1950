// The console: one page that brings the pieces together.
import { Analyses } from "./analyses.js";
import "./camera.js";
import "./components.js";
import "./copy.js";
import "./details.js";
import "./findings.js";
import "./history.js";
import { counted, currentLanguage, otherLanguage, setLanguage, size, t } from "./i18n.js";
import { html, nothing } from "./lit.js";
import "./login.js";
import { failure, note, progress } from "./notices.js";
import { linesOf } from "./overlays.js";
import { MAX_BYTES } from "./picture.js";
import { Piece } from "./piece.js";
import "./uploader.js";
import "./viewer.js";

const MARK = new URL("./mark.svg", import.meta.url).href;

class Console extends Piece {
  static properties = {
    lit: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    this.lit = null;
    this.said = "";
    this.analyses = new Analyses(() => this.requestUpdate());
    this.addEventListener("pictures", (event) => this.take(event.detail));
    this.addEventListener("camera", () => this.querySelector("rek-camera").open());
    this.addEventListener("lit", (event) => (this.lit = event.detail));
    this.addEventListener("look", () => this.look());
    this.addEventListener("say", (event) => this.say(event.detail));
    this.addEventListener("more", () => this.analyses.more());
    this.addEventListener("discard", (event) => this.ask(true, event.detail));
    this.addEventListener("logged-in", () => this.enter());
    window.addEventListener("hashchange", () => this.follow());
  }

  connectedCallback() {
    super.connectedCallback();
    this.enter();
  }

  render() {
    document.title = `openrek · ${t("title")}`;
    return html`
      <a class="skip" href="#main" @click=${this.skip}>${t("nav.skip")}</a>
      ${this.header()}
      <main id="main" tabindex="-1">${this.analyses.locked ? html`<rek-login></rek-login>` : this.content()}</main>
      <p id="said" class="hidden" role="status" aria-live="polite">${this.said}</p>
      <rek-camera></rek-camera>
      ${this.deletion()}
    `;
  }

  header() {
    const dark = window.openrekTheme.isDark();
    return html`<header class="top">
      <a class="mark" href="/" aria-label=${t("nav.home")}><img src=${MARK} alt="" width="26" height="26" /> openrek</a>
      <nav>
        <a href="/docs">${t("nav.api")}</a>
        <wa-button
          class="language"
          size="s"
          appearance="plain"
          lang=${otherLanguage()}
          @click=${() => setLanguage(otherLanguage())}
          >${t("other_language")}</wa-button
        >
        <wa-button class="theme" size="s" appearance="plain" @click=${this.toggleTheme}>
          <wa-icon name=${dark ? "sun" : "moon"} label=${t(dark ? "theme.light" : "theme.dark")}></wa-icon>
        </wa-button>
      </nav>
    </header>`;
  }

  content() {
    const { result, busy, error, shrunk, known, next } = this.analyses;
    return html`
      ${result ? nothing : html`<div class="hero"><h1>${t("title")}</h1><p class="lead">${t("lead")}</p></div>`}
      <rek-uploader ?compact=${Boolean(result)}></rek-uploader>
      ${busy ? progress(busy, busy.phase === "opening" ? null : () => this.analyses.cancel()) : nothing}
      ${error ? failure(error, this.analyses.again, () => this.analyses.change({ error: null })) : nothing}
      ${shrunk ? note(shrunkText(shrunk), () => this.analyses.change({ shrunk: null })) : nothing}
      ${result ? this.shown(result) : nothing}
      <rek-history .analyses=${known} .current=${result?.id} ?more=${Boolean(next)}></rek-history>
    `;
  }

  shown(result) {
    return html`<article class="result" aria-labelledby="result-title">
      <rek-viewer .result=${result} .lit=${this.lit}></rek-viewer>
      <div class="panel">
        <div class="heading">
          <h1 id="result-title" tabindex="-1">${t("result.title")}</h1>
          <wa-button class="delete" size="s" appearance="outlined" variant="danger" @click=${() => this.ask(true)}>
            <wa-icon slot="start" name="trash-2"></wa-icon>${t("delete.button")}
          </wa-button>
        </div>
        <rek-findings .result=${result} .lit=${this.lit}></rek-findings>
      </div>
      <rek-details .result=${result}></rek-details>
    </article>`;
  }

  deletion() {
    return html`<wa-dialog class="deletion" label=${t("delete.title")}>
      <p>${t("delete.text")}</p>
      <div slot="footer" class="actions">
        <wa-button appearance="outlined" autofocus @click=${() => this.ask(false)}>${t("delete.keep")}</wa-button>
        <wa-button class="confirm" variant="danger" @click=${this.remove}>${t("delete.confirm")}</wa-button>
      </div>
    </wa-dialog>`;
  }

  /** The start of the page, and its continuation after a login: an image may have been waiting for it. */
  async enter() {
    const { analyses } = this;
    if (!(await analyses.refresh())) return;
    if (analyses.waiting.length) await analyses.add([], (result) => this.show(result));
    else await this.follow();
  }

  /** Shows what the address names after its #. */
  async follow() {
    const id = decoded(location.hash.slice(1));
    if (id === "main" || id === (this.analyses.result?.id ?? "")) return;
    if (id === "") this.analyses.change({ result: null });
    else if (await this.analyses.open(id)) await this.announce(this.analyses.result);
  }

  take(files) {
    if (!files.length) this.analyses.change({ error: { key: "error.no_picture" }, again: null });
    else this.analyses.add(files, (result) => this.show(result));
  }

  async show(result) {
    window.history.pushState(null, "", `#${result.id}`);
    await this.announce(result);
  }

  async announce(result) {
    this.lit = null;
    this.say(
      t("done", {
        labels: counted("count.labels", result.labels.length),
        faces: counted("count.faces", result.faces.length),
        lines: counted("count.lines", linesOf(result).length),
      }),
    );
    await this.updateComplete;
    this.querySelector("#result-title")?.focus({ preventScroll: true });
    this.look();
  }

  updated() {
    const { busy, cancelled, error } = this.analyses;
    const phase = cancelled && !busy ? "cancelled" : busy?.phase;
    if (phase && phase !== this.phase) this.say(t(`busy.${phase}`, { percent: 0 }));
    this.phase = phase;
    if (error) this.said = ""; // The error is an alert, which screen readers announce.
  }

  /** Announces it to screen readers, even if it is the last announcement again. */
  async say(words) {
    this.said = "";
    await this.updateComplete;
    this.said = words;
  }

  /** Scrolls as little as possible to show the image. */
  look() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.querySelector(".picture")?.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  /** Opens or closes the question whether to delete an analysis: the one shown, if none is named. */
  ask(open, id = this.analyses.result?.id) {
    if (open) this.deleting = id;
    this.querySelector(".deletion").open = open;
  }

  async remove() {
    this.ask(false);
    if (!(await this.analyses.remove(this.deleting))) return;
    if (!this.analyses.result) window.history.pushState(null, "", "/");
    this.say(t("delete.done"));
    await this.updateComplete;
    this.querySelector("#pick").focus();
  }

  toggleTheme() {
    window.openrekTheme.toggle();
    this.requestUpdate();
  }

  skip(event) {
    event.preventDefault();
    this.querySelector("#main").focus();
  }
}

/** What an address means by its percent signs; as it is, if it means nothing. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const shrunkText = ({ before, after }) =>
  before > MAX_BYTES
    ? t("note.shrunk", { before: size(before), after: size(after) })
    : t("note.converted", { after: size(after) });

customElements.define("rek-console", Console);
document.documentElement.dataset.language = currentLanguage();
document.documentElement.classList.remove("wa-cloak");

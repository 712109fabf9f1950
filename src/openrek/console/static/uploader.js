// Accepts images: chosen, dropped, pasted or taken.
import { t } from "./i18n.js";
import { classMap, html } from "./lit.js";
import { Piece } from "./piece.js";

const TOUCH = matchMedia("(pointer: coarse)");

/** Fires `pictures` with a list of files (empty if none was an image), and `camera`. */
class Uploader extends Piece {
  static properties = {
    compact: { type: Boolean },
    dragging: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this.ending = new AbortController();
    const { signal } = this.ending;
    document.addEventListener("paste", (event) => this.paste(event), { signal });
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      window.addEventListener(name, (event) => this.drag(event), { signal });
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.ending.abort();
  }

  render() {
    return html`<section
      class=${classMap({ uploader: true, compact: this.compact, dragging: this.dragging })}
      aria-labelledby="pick-title"
    >
      <h2 id="pick-title" class="hidden">${t("pick.title")}</h2>
      <div class="actions">
        <wa-button id="pick" variant="brand" size=${this.compact ? "m" : "l"} @click=${() => this.input("pick").click()}>
          <wa-icon slot="start" name="image-plus"></wa-icon>${t(this.compact ? "pick.another" : "pick.button")}
        </wa-button>
        <wa-button id="camera" appearance="outlined" size=${this.compact ? "m" : "l"} @click=${this.takePicture}>
          <wa-icon slot="start" name="camera"></wa-icon>${t("pick.camera")}
        </wa-button>
      </div>
      <p class="hint">${this.dragging ? t("pick.drop") : t(TOUCH.matches ? "pick.hint_touch" : "pick.hint")}</p>
      ${this.compact ? "" : html`<p class="quiet small">${t("pick.limits")}</p>`}
      <input type="file" name="pick" accept="image/*" multiple hidden @change=${this.chosen} />
      <input type="file" name="take" accept="image/*" capture="environment" hidden @change=${this.chosen} />
    </section>`;
  }

  input(name) {
    return this.querySelector(`input[name=${name}]`);
  }

  /** Phones have a better camera application than a page can be; other machines get the page's own. */
  takePicture() {
    if (TOUCH.matches || !navigator.mediaDevices?.getUserMedia) this.input("take").click();
    else this.tell("camera");
  }

  chosen(event) {
    const files = [...event.target.files];
    event.target.value = ""; // Choosing the same file again is a change too.
    // Files chosen by hand are always sent: the server's error names what is wrong.
    if (files.length) this.tell("pictures", files);
  }

  paste(event) {
    if (event.composedPath().some((node) => node instanceof HTMLInputElement && node.type !== "file")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.tell("pictures", files.filter(isPicture));
  }

  drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") {
      this.dragging = false;
      this.tell("pictures", [...event.dataTransfer.files]);
    } else {
      // Leaving for nowhere means leaving the window; other leaves are steps between elements.
      this.dragging = event.type !== "dragleave" || event.relatedTarget !== null;
    }
  }
}

const isPicture = (file) => file.type.startsWith("image/");

customElements.define("rek-uploader", Uploader);

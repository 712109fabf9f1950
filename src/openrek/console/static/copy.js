// A button that copies a text and confirms it.
import { t } from "./i18n.js";
import { html } from "./lit.js";
import { Piece } from "./piece.js";

const SHOWN_MS = 2000;

/** Fires `say` with the text for the live region. */
class Copy extends Piece {
  static properties = {
    what: { attribute: false },
    label: { attribute: false },
    quiet: { type: Boolean, reflect: true },
    copied: { state: true },
  };

  render() {
    const icon = html`<wa-icon slot=${this.quiet ? "" : "start"} name=${this.copied ? "check" : "copy"} .label=${this.quiet ? this.label : ""}></wa-icon>`;
    return html`<wa-button size="s" appearance=${this.quiet ? "plain" : "outlined"} title=${this.label} @click=${this.copy}>
      ${icon}${this.quiet ? "" : this.label}
    </wa-button>`;
  }

  async copy() {
    const done = await write(this.what);
    this.copied = done;
    this.tell("say", t(done ? "copied" : "copy_failed"));
    setTimeout(() => (this.copied = false), SHOWN_MS);
  }
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeByCommand(text);
  }
}

/** The clipboard API exists on https and localhost only; this older way works on plain http too. */
function writeByCommand(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

customElements.define("rek-copy", Copy);

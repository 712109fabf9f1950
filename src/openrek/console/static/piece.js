// What every element of the console has in common.
import { onLanguage } from "./i18n.js";
import { LitElement } from "./lit.js";

/** A Lit element drawn into the page itself, so that one style sheet and every ARIA reference reach it. */
export class Piece extends LitElement {
  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.forgetLanguage = onLanguage(() => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.forgetLanguage?.();
  }

  /** Fires an event that bubbles to the elements around this one. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

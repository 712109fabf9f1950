// What the page has to say between question and answer: progress, notes, errors.
import { ApiError } from "./api.js";
import { currentLanguage, has, size, t } from "./i18n.js";
import { html, nothing } from "./lit.js";
import { UnreadablePicture } from "./picture.js";

/** The progress of the current image; `onCancel` stops it. */
export function progress(busy, onCancel) {
  const line = t(`busy.${busy.phase}`, { percent: Math.round(100 * (busy.share ?? 0)) });
  const queue = busy.count > 1 ? t("busy.queue", { index: busy.index, count: busy.count }) : "";
  return html`<section class="progress card" aria-label=${t("busy.title")}>
    ${busy.preview ? html`<img src=${busy.preview} alt="" />` : nothing}
    <div>
      <p><strong>${line}</strong> <span class="quiet">${queue}</span></p>
      <wa-progress-bar
        label=${t("busy.title")}
        value=${Math.round(100 * (busy.share ?? 0))}
        ?indeterminate=${busy.phase !== "sending"}
      ></wa-progress-bar>
    </div>
    ${onCancel ? html`<wa-button size="s" appearance="outlined" @click=${onCancel}>${t("busy.cancel")}</wa-button>` : nothing}
  </section>`;
}

/** A remark that the reader may close. */
export function note(text, onClose) {
  return html`<wa-callout class="note" variant="neutral">
    <wa-icon slot="icon" name="info"></wa-icon>
    <div class="with-button">
      <span>${text}</span>
      <wa-button size="s" appearance="plain" @click=${onClose}>
        <wa-icon name="x" label=${t("note.close")}></wa-icon>
      </wa-button>
    </div>
  </wa-callout>`;
}

/** An error: what it means, the server's message, and the request id to look up in the log. */
export function failure(error, onAgain, onClose) {
  return html`<wa-callout class="error" variant="danger" role="alert">
    <wa-icon slot="icon" name="circle-alert"></wa-icon>
    <p><strong>${t("error.title")}</strong></p>
    ${error.refused ? list(error) : single(error)}
    <div class="actions">
      ${onAgain ? html`<wa-button size="s" @click=${onAgain}>${t("error.again")}</wa-button>` : nothing}
      <wa-button size="s" appearance="outlined" @click=${onClose}>${t("error.close")}</wa-button>
    </div>
  </wa-callout>`;
}

function single(error) {
  const { meaning, said, reference } = explain(error);
  return html`<p>${meaning}</p>
    ${said ? html`<p class="small">${said}</p>` : nothing}
    ${reference ? html`<p class="small quiet">${t("error.reference", { id: reference })}</p>` : nothing}`;
}

function list({ refused, count }) {
  const line = ({ name, error }) => {
    const { meaning, said } = explain(error);
    return html`<li class="small"><strong>${name}</strong>: ${said || meaning}</li>`;
  };
  return html`<p>${t("error.some", { n: refused.length, count })}</p>
    <ul class="plain refused">
      ${refused.map(line)}
    </ul>`;
}

function explain(error) {
  if (error instanceof UnreadablePicture) return { meaning: t("error.unreadable", { size: size(error.bytes) }) };
  if (!(error instanceof ApiError)) return { meaning: t(error.key ?? "error.other"), said: error.key ? "" : error.message };
  const key = `error.${error.code}`;
  return {
    meaning: has(key) ? t(key) : t("error.other"),
    // The server's messages are English: in another language they are shown only if there is no translation.
    said: currentLanguage() === "en" || !has(key) ? error.message : "",
    reference: error.requestId,
  };
}

// Earlier analyses, newest first.
import { t, when } from "./i18n.js";
import { html, nothing, repeat } from "./lit.js";
import { nameOf } from "./names.js";
import { Piece } from "./piece.js";

/** Shows `analyses`. Fires `more` to load the next ones and `discard` to delete a damaged one. */
class History extends Piece {
  static properties = {
    analyses: { attribute: false },
    current: { attribute: false },
    more: { type: Boolean },
  };

  render() {
    return html`<section class="history" aria-labelledby="history-title">
      <h2 id="history-title">${t("history.title")}</h2>
      ${this.analyses.length === 0 ? html`<p class="quiet">${t("history.none")}</p>` : nothing}
      <ul class="thumbnails">
        ${repeat(
          this.analyses,
          ({ id }) => id,
          (analysis) => (analysis.damaged ? this.damaged(analysis) : this.thumbnail(analysis)),
        )}
      </ul>
      ${this.more
        ? html`<wa-button class="more" appearance="outlined" @click=${() => this.tell("more")}>${t("history.more")}</wa-button>`
        : nothing}
    </section>`;
  }

  damaged({ id, created_at: createdAt, damaged }) {
    const open = t("history.damaged_delete", { when: when(createdAt) });
    return html`<li class="damaged">
      <p class="caption" title=${damaged}><wa-icon name="circle-alert"></wa-icon> ${t("history.damaged")}</p>
      <time class="quiet" datetime=${createdAt}>${when(createdAt)}</time>
      <wa-button size="s" appearance="outlined" variant="danger" aria-label=${open} @click=${() => this.tell("discard", id)}>
        ${t("delete.button")}
      </wa-button>
    </li>`;
  }

  thumbnail({ id, created_at: createdAt, labels, thumbnail_url: url }) {
    const names = labels.map((label) => nameOf(label)).join(", ") || t("history.nothing");
    return html`<li>
      <a
        href="#${id}"
        aria-current=${id === this.current ? "true" : nothing}
        aria-label=${t("history.open", { when: when(createdAt), labels: names })}
      >
        <img src=${url} alt="" loading="lazy" />
        <span class="caption">${names}</span>
        <time class="quiet" datetime=${createdAt}>${when(createdAt)}</time>
      </a>
    </li>`;
  }
}

customElements.define("rek-history", History);

// Shown when the server does not know this browser.
import { ApiError, logIn } from "./api.js";
import { t } from "./i18n.js";
import { html, nothing } from "./lit.js";
import { Piece } from "./piece.js";

const PROBLEMS = { 0: "error.Network", 429: "error.ThrottlingException" };

/** Fires `logged-in` once the server has accepted the token. */
class Login extends Piece {
  static properties = {
    busy: { state: true },
    problem: { state: true },
  };

  render() {
    return html`<section class="login card" aria-labelledby="login-title">
      <h1 id="login-title" tabindex="-1"><wa-icon name="key-round"></wa-icon> ${t("login.title")}</h1>
      <p>${t("login.text")}</p>
      <form @submit=${this.submit}>
        <wa-input
          name="token"
          type="password"
          autocomplete="current-password"
          label=${t("login.token")}
          password-toggle
          required
        ></wa-input>
        ${this.problem ? html`<p class="problem" role="alert">${t(this.problem)}</p>` : nothing}
        <wa-button type="submit" variant="brand" ?loading=${this.busy}>${t("login.button")}</wa-button>
      </form>
    </section>`;
  }

  async submit(event) {
    event.preventDefault();
    this.busy = true;
    this.problem = null;
    try {
      await logIn(this.querySelector("wa-input").value.trim());
      this.tell("logged-in");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = PROBLEMS[error.status] ?? "login.wrong";
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("rek-login", Login);

// A photo from this machine's camera.
import { t } from "./i18n.js";
import { html, nothing } from "./lit.js";
import { snapshot } from "./picture.js";
import { Piece } from "./piece.js";

/** Fires `pictures` with the photo taken. `open()` shows it. */
class Camera extends Piece {
  static properties = {
    problem: { state: true },
    opened: { state: true },
    ready: { state: true },
    cameras: { state: true },
  };

  constructor() {
    super();
    this.cameras = [];
    this.chosen = 0;
  }

  render() {
    return html`<wa-dialog label=${t("camera.title")} @wa-after-hide=${this.closed}>
      ${this.problem
        ? html`<wa-callout variant="warning"><wa-icon slot="icon" name="triangle-alert"></wa-icon>${t(this.problem)}</wa-callout>`
        : html`<video autoplay playsinline muted @loadeddata=${() => (this.ready = true)}></video>
            ${this.ready || !this.opened ? nothing : html`<p role="status">${t("camera.wait")}</p>`}`}
      <div slot="footer" class="actions">
        ${this.cameras.length > 1
          ? html`<wa-button appearance="outlined" @click=${this.flip}>
              <wa-icon slot="start" name="refresh-cw"></wa-icon>${t("camera.flip")}
            </wa-button>`
          : nothing}
        ${this.problem
          ? html`<wa-button @click=${this.close}>${t("camera.close")}</wa-button>`
          : html`<wa-button class="shutter" variant="brand" ?disabled=${!this.ready} @click=${this.shoot}>
              <wa-icon slot="start" name="camera"></wa-icon>${t("camera.shoot")}
            </wa-button>`}
      </div>
    </wa-dialog>`;
  }

  get dialog() {
    return this.querySelector("wa-dialog");
  }

  async open() {
    this.problem = null;
    this.opened = true;
    this.dialog.open = true;
    await this.start({ facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } });
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.cameras = devices.filter((device) => device.kind === "videoinput");
  }

  close() {
    this.dialog.open = false;
  }

  closed() {
    this.opened = false;
    this.stop();
  }

  async start(video) {
    this.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video });
      // The dialog may have been closed while the browser prompted.
      if (!this.dialog.open) return stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.querySelector("video").srcObject = stream;
    } catch (error) {
      this.problem = error.name === "NotAllowedError" ? "camera.denied" : "camera.none";
    }
  }

  stop() {
    this.ready = false;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  flip() {
    this.chosen = (this.chosen + 1) % this.cameras.length;
    return this.start({ deviceId: { exact: this.cameras[this.chosen].deviceId } });
  }

  async shoot() {
    const picture = await snapshot(this.querySelector("video"));
    this.close();
    if (picture) this.tell("pictures", [picture]);
  }
}

customElements.define("rek-camera", Camera);

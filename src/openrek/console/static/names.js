// Names of labels in the page's language. The API's stay English; what it does not know here is shown as it came.
import { currentLanguage, onLanguage, redraw } from "./i18n.js";

let vietnamese = null;
let asked = false;

/** The name of a label; `kind` is "labels" or "moderation", of which each has names of its own. */
export function nameOf(name, kind = "labels") {
  const names = currentLanguage() === "vi" ? vietnamese?.[kind] : undefined;
  return names !== undefined && Object.hasOwn(names, name) ? names[name] : name;
}

/** The English name, for a reader who is shown another; undefined where that is what is shown. */
export const englishOf = (name, kind = "labels") => (nameOf(name, kind) === name ? undefined : name);

// Only who reads Vietnamese needs the file. Until it is here, and where it cannot be had, names are English.
async function load() {
  if (asked || currentLanguage() !== "vi") return;
  asked = true;
  try {
    const response = await fetch(new URL("./labels.vi.json", import.meta.url));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    vietnamese = await response.json();
    redraw();
  } catch {
    asked = false;
  }
}

onLanguage(load);
load();

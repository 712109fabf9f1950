// The API's description, in the colours of the console.
const dark = window.openrekTheme.isDark();
const docs = document.createElement("rapi-doc");
const settings = {
  "spec-url": "/openapi.json",
  "theme": dark ? "dark" : "light",
  "bg-color": dark ? "#14181a" : "#fbfbf9",
  "text-color": dark ? "#e8ebea" : "#1c2220",
  "primary-color": dark ? "#3fc4b2" : "#0b7a6e",
  "regular-font": "system-ui, sans-serif",
  "mono-font": "ui-monospace, monospace",
  "load-fonts": "false",
  "render-style": "view",
  "schema-style": "table",
  "show-header": "false",
  "allow-server-selection": "false",
  "allow-authentication": "true",
  "fetch-credentials": "same-origin",
};
for (const [name, value] of Object.entries(settings)) docs.setAttribute(name, value);
const bar = document.createElement("nav");
const home = Object.assign(document.createElement("a"), { href: "/", textContent: "← openrek" });
const raw = Object.assign(document.createElement("a"), { href: "/openapi.json", textContent: "openapi.json" });
bar.append(home, raw);
document.body.append(bar, docs);

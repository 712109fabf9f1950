// Not a module and loaded before the page is drawn, so that a dark page never flashes white.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const remembered = () => {
    try {
      return localStorage.getItem("openrek.theme");
    } catch {
      return null;
    }
  };
  const apply = () => {
    const dark = (remembered() ?? (system.matches ? "dark" : "light")) === "dark";
    root.classList.toggle("wa-dark", dark);
    root.classList.toggle("wa-light", !dark);
  };
  system.addEventListener("change", apply);
  window.openrekTheme = {
    isDark: () => root.classList.contains("wa-dark"),
    toggle() {
      try {
        localStorage.setItem("openrek.theme", root.classList.contains("wa-dark") ? "light" : "dark");
      } catch {
        root.classList.toggle("wa-dark");
        return;
      }
      apply();
    },
  };
  apply();
})();

// Light or dark: as the system has it, until somebody chooses.
import { local } from "./store.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

/** @param {string} theme */
function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** Changes to the other one; the system's own choice is not remembered as ours. */
export function toggle() {
  const system = dark.matches ? "dark" : "light";
  const now = document.documentElement.dataset.theme || system;
  const next = now === "dark" ? "light" : "dark";
  const theme = next === system ? "" : next;
  local.set("theme", theme);
  show(theme);
}

show(local.get("theme"));

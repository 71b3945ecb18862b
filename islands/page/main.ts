// What every page does with a script: nothing that it cannot do without one.
import { covers } from "./covers";
import { filter } from "./filter";
import { keys } from "./keys";
import { live } from "./live";
import { menus } from "./menus";
import { passkey } from "./passkey";
import { place } from "./place";
import { polls } from "./polls";
import { refusals } from "./refused";

function start(root: ParentNode): void {
  // An error summary is read out at once, and the keyboard starts there.
  root.querySelector<HTMLElement>("[data-focus]")?.focus();
  root.querySelectorAll<HTMLElement>("[data-print]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => window.print());
  });
  root.querySelectorAll<HTMLInputElement>("[data-filter]").forEach(filter);
  root.querySelectorAll<HTMLFormElement>("form[data-passkey]").forEach(passkey);
  root.querySelectorAll<HTMLElement>("[data-poll][data-running]").forEach(polls);
  root.querySelectorAll<HTMLElement>("[data-live]").forEach(live);
  root.querySelectorAll<HTMLElement>("[data-place]").forEach(place);
}

menus();
keys();
covers();
refusals();
start(document);
document.addEventListener("htmx:after:swap", (e) => {
  if (e.target instanceof Element) start(e.target);
});

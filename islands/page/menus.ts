// A menu is a <details>; a script only closes it when one looks elsewhere.
export function menus(): void {
  const shut = (but: Element | null) => {
    document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((d) => {
      if (d !== but) d.open = false;
    });
  };
  document.addEventListener("click", (e) => shut(e.target instanceof Element ? e.target.closest("details.menu") : null));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    document.querySelector<HTMLElement>("details.menu[open] summary")?.focus();
    shut(null);
  });
}

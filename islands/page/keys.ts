// The keyboard of a desk: "/" searches, j and k walk the rows, Enter opens, x ticks,
// "?" lists the keys. What else a page offers says its own key in data-key.
export function keys(): void {
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
    if (e.key === "/") {
      const search = document.querySelector<HTMLInputElement>("[data-filter]");
      if (search) {
        e.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (e.key === "j" || e.key === "k") walk(e.key === "j" ? 1 : -1);
    if (e.key === "x") document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
    if (e.key === "?") help();
    if (/^[a-z]$/.test(e.key)) document.querySelector<HTMLElement>(`[data-key="${e.key}"]`)?.click();
  });
}

function typing(t: EventTarget | null): boolean {
  if (t instanceof HTMLInputElement) return !/^(checkbox|radio|button|submit|reset|file)$/.test(t.type);
  return t instanceof HTMLElement && (t.isContentEditable || /^(TEXTAREA|SELECT)$/.test(t.tagName));
}

// help opens the list of keys, or closes it; Escape does too, as for every menu.
function help(): void {
  const d = document.querySelector<HTMLDetailsElement>("details[data-keys]");
  if (!d) return;
  d.open = !d.open;
  d.querySelector("summary")?.focus();
}

// walk moves the focus to the first link of the next row that is shown.
function walk(by: number): void {
  const links: HTMLAnchorElement[] = [];
  document.querySelectorAll<HTMLTableRowElement>("[data-rows] tbody tr").forEach((row) => {
    const a = row.hidden ? null : row.querySelector("a");
    if (a) links.push(a);
  });
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((a) => a.closest("tr") === row);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// The keyboard of a desk: "/" searches, j and k walk the rows, Enter opens.
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
  });
}

function typing(t: EventTarget | null): boolean {
  return t instanceof HTMLElement && (t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName));
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

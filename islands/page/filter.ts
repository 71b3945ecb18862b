// Filters the rows that are on the page while one types; Enter asks the server,
// which knows the rows that are not.
export function filter(input: HTMLInputElement): void {
  if (input.dataset["ready"]) return;
  input.dataset["ready"] = "1";
  input.addEventListener("input", () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    document.querySelectorAll<HTMLTableRowElement>("[data-rows] tbody tr").forEach((row) => {
      const text = fold(row.textContent ?? "");
      row.hidden = !words.every((w) => text.includes(w));
    });
  });
}

// fold makes full width, case and accents no difference.
function fold(s: string): string {
  return s.normalize("NFKC").toLowerCase();
}

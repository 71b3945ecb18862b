// An answer that covers the page is taken away by the reader: what lies beneath it
// came with it and is ready for the next. Nothing is asked, so that a guard goes on
// while the net is gone or the server busy; without a script the link loads the page.
export function covers(): void {
  document.addEventListener("click", (e) => {
    const next = e.target instanceof Element ? e.target.closest("[data-uncover]") : null;
    if (!next || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    next.closest(".over")?.remove();
    // Where one types, typing goes on; on a phone its keyboard would cover the half.
    const field = document.getElementById(next.getAttribute("data-uncover") ?? "");
    if (window.matchMedia("(pointer: fine)").matches) field?.focus();
    else window.scrollTo(0, 0);
  });
}

// Reading what a page says in figures.

/** The number of a tile by its heading. */
export async function figure(page, title) {
  const tile = page.locator('.tile', { has: page.getByRole('heading', { name: title, exact: true }) });
  return (await tile.locator('.figure').innerText()).trim();
}

/** How many are inside, as the gate's page says it. */
export async function inside(page) {
  return Number((await page.locator('.inside .figure').innerText()).replaceAll(',', ''));
}

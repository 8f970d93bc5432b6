import { expect, test } from './atlasTest.ts'

const STORY = 'One sunny morning, Mia found a shiny key under the old oak. "Whose key is this?" she asked Leo.'
const PAGES = {
  overview: '/#/run/demo',
  module: '/#/run/demo/module/model.layers.0.self_attn.v_proj',
  subcomponent: '/#/run/demo/module/model.layers.0.self_attn.v_proj/132',
  live: `/?backend=wasm#/run/demo/live?text=${encodeURIComponent(STORY)}&at=13&ablate=model.layers.0.mlp.gate_proj:500`,
}

// The pictures of the documents. Another machine's fonts and a pass's milliseconds are allowed for; a page that changed
// is not. `npx playwright test screenshots --update-snapshots` takes them anew.
for (const [name, address] of Object.entries(PAGES)) {
  test(`docs/screenshots/${name}.png is what the page shows`, async ({ page }) => {
    if (name === 'live') await page.setViewportSize({ width: 1440, height: 1560 })
    await page.goto(address)
    await expect(page.getByRole('main').locator('table:not([aria-hidden])').first()).toBeVisible({ timeout: 60_000 })
    if (name === 'live')
      await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible({ timeout: 60_000 })
    await expect(page.locator('.is-updating, .skeleton')).toHaveCount(0)
    await expect(page).toHaveScreenshot(`${name}.png`, {
      maxDiffPixelRatio: 0.08,
      timeout: 30_000,
      mask: [page.getByRole('status')],
      maskColor: 'transparent',
    })
  })
}

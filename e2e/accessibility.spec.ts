import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './atlasTest.ts'

const PAGES = {
  overview: '/#/run/demo',
  module: '/#/run/demo/module/model.layers.0.self_attn.v_proj',
  modules: '/#/run/demo/modules',
  subcomponent: '/#/run/demo/module/model.layers.0.self_attn.v_proj/132',
  live: '/?backend=wasm#/run/demo/live?text=Leo%20and%20Mia%20ran%20home.&at=2',
}

for (const [name, address] of Object.entries(PAGES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${name} has no accessibility violation, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme })
      await page.goto(address)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByRole('main').locator('table:not([aria-hidden])').first()).toBeVisible({ timeout: 60_000 })
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
    })
  }

  test(`${name} fits a phone without scrolling sideways`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(address)
    await expect(page.getByRole('main').locator('table:not([aria-hidden])').first()).toBeVisible({ timeout: 60_000 })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
}

test('the skip link is first, and ? lists the keys', async ({ page }) => {
  await page.goto('/#/run/demo')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('the jump field goes to an address and names one it does not know', async ({ page }) => {
  await page.goto('/#/run/demo')
  const field = page.getByLabel(/^Go to an address/)
  await field.fill('l3.d:99999')
  await field.press('Enter')
  await expect(page.getByText(/99999/).last()).toBeVisible()
  await field.fill('l0.q:5')
  await field.press('Enter')
  await expect(page).toHaveURL(/model\.layers\.0\.self_attn\.q_proj\/5$/)
})

import { expect, test } from './atlasTest.ts'
import { expectParity } from './liveParity.ts'

const SENTENCE = 'Leo and Mia ran home.'

test('WASM computes what the command line computes', async ({ page }) => {
  test.setTimeout(180_000)
  await expectParity(page, 'wasm', /^WASM, \d threads? .*last pass/)
})

test('a typed story shows its tokens, activity, predictions, and is in the address', async ({ page }) => {
  await page.goto('/#/run/demo/live')
  await page.getByRole('textbox', { name: 'Story' }).fill(SENTENCE)
  const chips = page.getByRole('listbox', { name: 'Tokens of the story' }).getByRole('option')
  await expect(chips).toHaveText(['leo', 'and', 'mia', 'ran', 'home', '.', '[EOS]'])
  await expect(page.getByRole('status').filter({ hasText: 'tokens' })).toContainText('7 of 512 tokens')
  await expect(page.getByRole('heading', { name: /^After/ })).toBeVisible()
  await expect(page).toHaveURL(/text=Leo/)
  await chips.nth(2).click()
  await expect(page.getByRole('heading', { name: /^Active at mia position 2$/ })).toBeVisible()
  await expect(page).toHaveURL(/at=2/)
})

test('ablating by the switch is in the address, and the address brings it back', async ({ page, context }) => {
  await page.goto(`/#/run/demo/live?text=${encodeURIComponent(SENTENCE)}&at=2`)
  const list = page.getByRole('grid', { name: 'Active subcomponents' })
  const name = await list.getByRole('checkbox').first().getAttribute('aria-label')
  await list.getByRole('checkbox').first().check()
  await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible({ timeout: 60_000 })
  const finding = await page.getByRole('region', { name: 'Next tokens' }).getByRole('heading').textContent()
  const other = await context.newPage()
  await other.goto(page.url())
  await expect(other.getByRole('region', { name: 'Next tokens' }).getByRole('heading')).toHaveText(finding ?? '', {
    timeout: 60_000,
  })
  await expect(other.getByRole('checkbox', { name: name ?? '', exact: true })).toBeChecked()
  await page.getByRole('button', { name: 'Restore all' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing is ablated' })).toBeVisible()
})

test('choosing a subcomponent shades the story by it', async ({ page }) => {
  await page.goto(`/#/run/demo/live?text=${encodeURIComponent(SENTENCE)}&at=2`)
  const list = page.getByRole('grid', { name: 'Active subcomponents' })
  await expect(list.getByRole('row').nth(1)).toBeVisible()
  await list.focus()
  await page.keyboard.press('ArrowDown')
  await expect(page).toHaveURL(/shade=/)
  await expect(page.getByRole('option', { name: 'mia' })).toHaveAttribute('title', /position 2, CI (0|1)/)
})

test('example stories and another story fill the page', async ({ page }) => {
  await page.goto('/#/run/demo/live')
  const story = page.getByRole('textbox', { name: 'Story' })
  const examples = page.getByRole('region', { name: 'Text' }).getByRole('button')
  await examples.first().click()
  await expect(story).not.toHaveValue('')
  const example = await story.inputValue()
  await page.getByRole('button', { name: 'Another story' }).click()
  await expect(story).not.toHaveValue(example)
  await expect(story).not.toHaveValue('')
  await expect(page.getByRole('grid', { name: 'Active subcomponents' })).toBeVisible({ timeout: 60_000 })
})

test('an empty story is an invitation, and clearing returns to it', async ({ page }) => {
  await page.goto(`/#/run/demo/live?text=${encodeURIComponent(SENTENCE)}`)
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(page.getByText('Type a story above, or choose an example.')).toBeVisible()
})

test('a story of 10,000 words is refused, and its first 512 tokens are offered', async ({ page }) => {
  await page.goto('/#/run/demo/live')
  await page.getByRole('textbox', { name: 'Story' }).fill('kite '.repeat(10_000))
  await expect(page.getByRole('alert')).toContainText('10001')
  await page.getByRole('button', { name: 'Take the first 512 tokens' }).click()
  await expect(page.getByRole('grid', { name: 'Active subcomponents' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('Hatched: positions from 256 on')).toBeVisible()
})

test('without WebGPU the page says so and runs on WASM', async ({ page }) => {
  await page.goto(`/#/run/demo/live?text=${encodeURIComponent(SENTENCE)}`)
  await expect(page.getByRole('status').filter({ hasText: 'WASM' })).toContainText(/WASM, \d threads? \(.*WebGPU.*\)/)
})

test('an unknown address in a link is told, and the rest of the link holds', async ({ page }) => {
  const unknown = 'model.layers.9.mlp.up_proj:3'
  await page.goto(`/#/run/demo/live?text=${encodeURIComponent(SENTENCE)}&ablate=${unknown}`)
  await expect(page.getByRole('alert')).toContainText('model.layers.9.mlp.up_proj')
  await expect(page.getByRole('grid', { name: 'Active subcomponents' })).toBeVisible({ timeout: 60_000 })
})

test('a long story leaves the main thread free', async ({ page }) => {
  await page.goto('/#/run/demo/live')
  await page.getByRole('button', { name: 'Another story' }).click()
  await expect(page.getByRole('grid', { name: 'Active subcomponents' })).toBeVisible({ timeout: 60_000 })
  const story = page.getByRole('textbox', { name: 'Story' })
  const text = await story.inputValue()
  await page.evaluate(() => {
    const tasks: number[] = []
    Object.assign(window, { longTasks: tasks })
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    })
  })
  const chips = page.getByRole('listbox', { name: 'Tokens of the story' }).getByRole('option')
  const before = await chips.count()
  await story.fill(`${text} ${text.slice(0, 200)}`)
  await expect.poll(() => chips.count()).toBeGreaterThan(before + 20)
  await expect(page.getByRole('status').filter({ hasText: 'updating' })).toBeHidden()
  const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks))
  test.info().annotations.push({ type: 'longest task, ms', description: String(longest) })
  // 50 ms is the goal on an idle machine (docs/performance.md); this bound only catches work that left its worker.
  expect(longest).toBeLessThan(500)
})

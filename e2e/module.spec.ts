import { atlasTable } from './atlasCommand.ts'
import { expect, test } from './atlasTest.ts'
import { csvRecords, savedFile } from './savedFile.ts'

const PATH = 'model.layers.0.self_attn.v_proj'
const ADDRESS = `/#/run/demo/module/${PATH}`
const grid = { name: /subcomponents/i }

test('lists the active subcomponents of a module as the index has them', async ({ page }) => {
  const expected = atlasTable('subcomponents').filter(
    ({ module, activation_count }) => module === PATH && activation_count,
  )
  await page.goto(ADDRESS)
  await page.getByRole('link', { name: 'All active' }).click()
  await expect(page.getByRole('grid', grid)).toHaveAttribute('aria-rowcount', String(expected.length + 1))
  const saved = csvRecords((await savedFile(page, page.getByRole('button', { name: /CSV/ }).last())).text)
  expect(saved.length).toBe(expected.length)
  const columns = ['activation_count', 'unique_tokens', 'class', 'mean_ci', 'firing_density'] as const
  for (const row of saved) {
    const match = expected.find(({ subcomponent }) => Number(subcomponent) === Number(row.subcomponent))
    for (const column of columns) expect(row[column]).toBe(String(match?.[column]))
  }
})

test('sorts and filters in the worker, with the state in the address', async ({ page }) => {
  const polysemantic = atlasTable('subcomponents')
    .filter((row) => row.module === PATH && row.class === 'polysemantic')
    .toSorted((a, b) => Number(a.activation_count) - Number(b.activation_count))
  await page.goto(`${ADDRESS}`)
  await page.getByRole('link', { name: 'All active' }).click()
  for (const name of [/^truly monosemantic/, /^highly specialised/, /^specialised/, /^moderate/]) {
    await page.getByRole('button', { name }).or(page.getByRole('checkbox', { name })).first().click()
  }
  const table = page.getByRole('grid', grid)
  await expect(table).toHaveAttribute('aria-rowcount', String(polysemantic.length + 1))
  const head = table.getByRole('columnheader', { name: /activation/ }).getByRole('button')
  await head.click()
  if (!page.url().includes('ascending')) await head.click()
  await expect(page).toHaveURL(/ascending/)
  await expect(table.getByRole('row').nth(1).getByRole('link')).toHaveText(String(polysemantic[0]?.subcomponent))
  await page.reload()
  await expect(table.getByRole('row').nth(1).getByRole('link')).toHaveText(String(polysemantic[0]?.subcomponent))
})

test('the table over all modules is virtual and opens a row by the keyboard', async ({ page }) => {
  const active = atlasTable('subcomponents').filter(({ activation_count }) => Number(activation_count) > 0)
  await page.goto('/#/run/demo/modules')
  const table = page.getByRole('grid', grid)
  await expect(table).toHaveAttribute('aria-rowcount', String(active.length + 1))
  await expect(table.getByRole('row').nth(1).getByRole('link')).toBeVisible()
  expect(await table.getByRole('row').count()).toBeLessThan(200)
  await table.focus()
  await page.keyboard.press('End')
  await expect(table.getByRole('row', { selected: true }).getByRole('link')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/l\d\.\w+:\d+/)
  await page.goBack()
  await expect(table).toBeVisible()
})

test('filters by a token', async ({ page }) => {
  await page.goto('/#/run/demo/modules')
  await page.getByLabel('Text in one of the ten most frequent tokens').fill('mia')
  const row = page.getByRole('grid', grid).getByRole('row').nth(1)
  await expect(row.getByRole('link')).toBeVisible()
  await expect(page).toHaveURL(/mia/)
})

test('an unknown module is told with the way back', async ({ page }) => {
  await page.goto('/#/run/demo/module/model.layers.7.mlp.up_proj')
  await expect(page.getByRole('alert')).toContainText('model.layers.7.mlp.up_proj')
  await page.getByRole('main').getByRole('link').first().click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

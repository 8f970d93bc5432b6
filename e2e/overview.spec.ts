import { atlas, atlasTable } from './atlasCommand.ts'
import { expect, test } from './atlasTest.ts'
import { savedFile } from './savedFile.ts'

const fact = (name: string): string => `dl.facts > div:has(dt:text-is("${name}")) dd`

test('shows the numbers of the index', async ({ page }) => {
  const modules = atlasTable('modules')
  const tokens = atlasTable('tokens')
  const sum = (column: string): number => modules.reduce((total, row) => total + Number(row[column]), 0)
  const positions = tokens.reduce((total, { occurrences }) => total + Number(occurrences), 0)
  const seen = tokens.filter(({ occurrences }) => Number(occurrences) > 0).length
  await page.goto('/')
  await expect(page).toHaveURL(/#\/run\/demo$/)
  const read = async (name: string): Promise<number> =>
    Number((await page.locator(fact(name)).evaluate((dd) => dd.firstChild?.textContent ?? '')).replace(/\s/g, ''))
  await expect(page.locator(fact('modules'))).toHaveText('28')
  expect(await read('subcomponents')).toBe(sum('c'))
  expect(await read('active')).toBe(sum('active'))
  expect(await read('positions')).toBe(positions)
  expect(await read('distinct tokens')).toBe(seen)
  expect(await read('threshold')).toBe(0.01)
})

test('table 1 sorts by a click, in the address, and saves what the command line prints', async ({ page }) => {
  await page.goto('/#/run/demo')
  const table = page.getByRole('region', { name: /^Table 1/ })
  const expected = atlasTable('modules').toSorted((a, b) => Number(b.dead) - Number(a.dead))
  await table.getByRole('columnheader', { name: 'dead', exact: true }).getByRole('button').click()
  await expect(page).toHaveURL(/sort=dead/)
  await expect(table.getByRole('row').nth(1)).toContainText(String(expected[0]?.module))
  await table.getByRole('columnheader', { name: 'module' }).getByRole('button').click()
  const saved = await savedFile(page, table.getByRole('button', { name: 'Save table 1 as CSV' }))
  expect(saved.text).toBe(atlas('table', 'modules', '--format', 'csv'))
})

test('figure 1 has its numbers as a table and as files', async ({ page }) => {
  await page.goto('/#/run/demo')
  const figure = page.getByRole('figure').first()
  await expect(figure.getByRole('heading')).toHaveText(/dead/)
  await figure.getByRole('button', { name: 'Numbers as a table' }).click()
  await expect(figure.getByRole('table').getByRole('row')).toHaveCount(29)
  const svg = await savedFile(page, figure.getByRole('button', { name: /^Save figure as SVG/ }))
  expect(svg.text).toMatch(/^<svg|^<\?xml/)
  expect(svg.text).toContain('share of the module’s subcomponents (%)')
  const png = await savedFile(page, figure.getByRole('button', { name: /^Save figure as PNG/ }))
  expect(png.text.slice(1, 4)).toBe('PNG')
})

test('provenance names checkpoint, precision and corpus', async ({ page }) => {
  await page.goto('/#/run/demo')
  const provenance = page.getByRole('region', { name: 'Provenance' })
  for (const part of ['model_14500.pth', '16', '256', 'demo-stories-seed-2026.jsonl']) {
    await expect(provenance).toContainText(part)
  }
})

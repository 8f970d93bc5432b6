import { readFileSync } from 'node:fs'
import { type Manifest, readManifest } from '../core/bundle/manifest.ts'
import { atlas, atlasTable } from './atlasCommand.ts'
import { expect, test } from './atlasTest.ts'
import { savedFile } from './savedFile.ts'

const demoManifest = (): Manifest => readManifest(readFileSync('public/runs/demo/manifest.json', 'utf8'), 'demo')

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

test('how true the run is: its KL, every module’s, and what 16 bits cost', async ({ page }) => {
  const { evaluation, modules } = demoManifest()
  if (evaluation === null) throw new Error('the demo run was not evaluated')
  await page.goto('/#/run/demo')
  await expect(page.locator(fact('KL, CI-masked'))).toContainText(evaluation.ci_masked_kl.toFixed(3))
  const table = page.getByRole('region', { name: /^Table 1/ })
  for (const [i, { path, faithfulness }] of modules.entries()) {
    const row = table.getByRole('row').filter({ has: page.getByRole('link', { name: path }) })
    await expect(row.getByRole('cell').last()).toContainText((evaluation.module_ci_masked_kl[i] ?? 0).toFixed(3))
    expect(faithfulness).not.toBeNull()
  }
  const provenance = page.getByRole('region', { name: 'Provenance' })
  await expect(provenance.getByRole('heading', { name: 'Held-out stories' })).toBeVisible()
  await expect(provenance).toContainText(evaluation.ci_error === null ? 'not compared' : 'at most')
})

test('a bundle that leaves subcomponents out says so, and marks a module far from the others', async ({ page }) => {
  await page.route('**/runs/demo/manifest.json', (route) => {
    const manifest = demoManifest()
    const [first] = manifest.modules
    if (first === undefined) throw new Error('the demo run has no module')
    // Bits 1 and 0: of the first module two subcomponents are held, the rest of the run is whole.
    const bytes = new Uint8Array(Math.ceil(first.c / 8)).fill(0).with(0, 3)
    const kept = { count: 2, bits: Buffer.from(bytes).toString('base64') }
    const evaluation = manifest.evaluation && {
      ...manifest.evaluation,
      ci_error: { max: 0.25, mean: 0.0001, flip_share: 0.02, dropped_firings: 1234 },
      module_ci_masked_kl: manifest.modules.map((_, i) => (i === 0 ? 9 : 0.1 + i / 1000)),
    }
    return route.fulfill({
      json: {
        ...manifest,
        modules: [{ ...first, kept }, ...manifest.modules.slice(1)],
        pruned_by: { source: 'index', threshold: 0.01, positions: 75_000, stories: 300 },
        evaluation,
      },
    })
  })
  await page.goto('/#/run/demo')
  const head = page.getByRole('main')
  await expect(head).toContainText(
    /254 of 9.984 subcomponents are left out of the graphs: none fired at CI.>.0\.01 in 75.000 positions of 300 stories/,
  )
  await expect(head).toContainText('Addresses are unchanged')
  await expect(head).toContainText(/CI is off by 0\.25\d* at most .*1.234 firings/)
  const table = page.getByRole('region', { name: /^Table 1/ })
  await expect(table.getByRole('row').nth(1)).toContainText('far 9.000')
  await expect(table).toContainText(/upper quartile and three interquartile ranges/)
  await expect(table.locator('td .badge')).toHaveCount(1)
  await page.goto('/#/run/demo/live')
  await expect(page.getByText(/^254 of 9.984 subcomponents are left out; .*CI is off by/)).toBeVisible()
})

import { atlasTable } from './atlasCommand.ts'
import { expect, test } from './atlasTest.ts'
import { csvRecords, savedFile } from './savedFile.ts'

const PATH = 'model.layers.1.self_attn.q_proj'
const ranked = () =>
  atlasTable('subcomponents')
    .filter(({ module }) => module === PATH)
    .toSorted(
      (a, b) =>
        Number(b.activation_count) - Number(a.activation_count) || Number(a.subcomponent) - Number(b.subcomponent),
    )
const address = (c: unknown): string => `/#/run/demo/module/${PATH}/${c}`

test('shows counts, tokens whose counts add up, and sampled examples', async ({ page }) => {
  const [row] = ranked()
  const T = new Map(atlasTable('tokens').map(({ token_id, occurrences }) => [String(token_id), Number(occurrences)]))
  const N = [...T.values()].reduce((sum, occurrences) => sum + occurrences, 0)
  const F = Number(row?.activation_count)
  await page.goto(address(row?.subcomponent))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`ql1.q:${row?.subcomponent}`)
  await expect(page.getByText(/rank 1 of \d+ by activation count/)).toBeVisible()
  const saved = await savedFile(page, page.getByRole('button', { name: 'Save all tokens as CSV' }))
  const tokens = csvRecords(saved.text)
  expect(tokens.length).toBe(Number(row?.unique_tokens))
  expect(tokens.reduce((sum, { count }) => sum + Number(count), 0)).toBe(F)
  for (const token of tokens.slice(0, 50)) {
    const [m, occurrences] = [Number(token.count), T.get(token.token_id ?? '') ?? 0]
    expect(Number(token.occurrences)).toBe(occurrences)
    expect(Number(token.p_fires_given_token)).toBeCloseTo(m / occurrences, 12)
    expect(Number(token.p_token_given_fires)).toBeCloseTo(m / F, 12)
    expect(Number(token.pmi)).toBeCloseTo(Math.log(m / occurrences / (F / N)), 9)
  }
  await expect(page.getByRole('list', { name: 'Examples of firings' }).getByRole('listitem')).toHaveCount(20)
})

test('shows partners and next tokens, whose shares follow from their counts, and leads to a partner', async ({
  page,
}) => {
  const [row] = ranked()
  await page.goto(address(row?.subcomponent))
  const partners = page.getByRole('region', { name: /^It fires most often together with/ })
  const saved = await savedFile(page, partners.getByRole('button', { name: 'Save co-firing partners as CSV' }))
  const rows = csvRecords(saved.text)
  expect(rows.length).toBeGreaterThan(10)
  const counts = rows.map(({ count }) => Number(count))
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  for (const { count, p_partner_given_fires: given, p_fires_given_partner: fires, jaccard } of rows) {
    const [n, Fc, Fd] = [Number(count), Number(count) / Number(given), Number(count) / Number(fires)]
    expect(Number(jaccard)).toBeCloseTo(n / (Fc + Fd - n), 9)
  }
  await partners.getByRole('columnheader', { name: 'Jaccard' }).getByRole('button').click()
  const best = rows.toSorted((a, b) => Number(b.jaccard) - Number(a.jaccard))[0]
  await expect(partners.getByRole('row').nth(1)).toContainText(`:${best?.partner}`)

  const outputs = page.getByRole('region', { name: /^Where it fires the model expects/ })
  const tokens = csvRecords((await savedFile(page, outputs.getByRole('button', { name: /as CSV/ }))).text)
  const sum = tokens.reduce((total, { p_token_given_fires: p }) => total + Number(p), 0)
  expect(sum).toBeGreaterThan(0)
  expect(sum).toBeLessThanOrEqual(1)
  await partners.getByRole('row').nth(1).getByRole('link').click()
  await expect(page).toHaveURL(new RegExp(`/${best?.partner}$`))
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`:${best?.partner}`)
})

test('examples are sampled, strongest, or by quantile, and each list says which', async ({ page }) => {
  const [row] = ranked()
  await page.goto(address(row?.subcomponent))
  const examples = page.getByRole('region', { name: 'Where it fires', exact: true })
  await expect(examples).toContainText('Uniform sample of 20')
  await examples.getByText('strongest', { exact: true }).click()
  await expect(examples).toContainText('with the greatest |inner activation|')
  await expect(examples.getByRole('listitem')).toHaveCount(10)
  await examples.getByText('by quantile').click()
  await expect(examples.getByRole('list')).toHaveCount(4)
  await expect(examples.getByRole('listitem')).toHaveCount(20)
})

test('distributions of CI and inner activation have their numbers', async ({ page }) => {
  const [row] = ranked()
  await page.goto(address(row?.subcomponent))
  const figure = page.getByRole('region', { name: 'Distributions' }).getByRole('figure')
  await expect(figure).toHaveCount(2)
  const saved = await savedFile(page, figure.first().getByRole('button', { name: /as CSV/ }))
  const bins = csvRecords(saved.text)
  expect(bins).toHaveLength(20)
  expect(bins.reduce((sum, { firings }) => sum + Number(firings), 0)).toBe(Number(row?.activation_count))
})

test('goes to the next, the previous and a random one, by button and by key', async ({ page }) => {
  const [first, second] = ranked()
  await page.goto(address(first?.subcomponent))
  await page.getByRole('link', { name: `Next by rank: ${second?.subcomponent}` }).click()
  await expect(page.getByText(/^.*rank 2 of/)).toBeVisible()
  await page.keyboard.press('[')
  await expect(page.getByText(/^.*rank 1 of/)).toBeVisible()
  await page.keyboard.press('r')
  await expect(page).not.toHaveURL(new RegExp(`/${first?.subcomponent}$`))
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

test('a dead subcomponent has a page that says so', async ({ page }) => {
  const dead = ranked().at(-1)
  expect(dead?.activation_count).toBe(0)
  await page.goto(address(dead?.subcomponent))
  await expect(page.getByRole('heading', { name: /^Never active in/ })).toBeVisible()
})

test('an address beyond the module is told', async ({ page }) => {
  await page.goto(address(99_999))
  await expect(page.getByRole('alert')).toContainText('expected 0 to 255')
})

test('leads to the live page with the ablation set', async ({ page }) => {
  const [first] = ranked()
  await page.goto(address(first?.subcomponent))
  await page.getByRole('link', { name: 'Ablate in a story' }).click()
  await expect(page).toHaveURL(/live\?ablate=/)
  await page.getByRole('button', { name: 'Another story' }).click()
  await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible({ timeout: 60_000 })
})

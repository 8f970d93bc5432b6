import { expect, expectFault, test } from './atlasTest.ts'

const NOT_FOUND = 'the server responded with a status of 404'

test('a missing bundle file is named, and trying again helps once it is there', async ({ page }) => {
  expectFault(NOT_FOUND)
  const summary = '**/runs/demo/index/summary.sqlite.gz'
  await page.route(summary, (route) => route.fulfill({ status: 404, body: 'not here' }))
  await page.goto('/#/run/demo')
  await expect(page.getByRole('alert')).toContainText('index/summary.sqlite.gz')
  await page.unroute(summary)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: /decomposed into/ })).toBeVisible()
})

test('a corrupted index file is refused by its hash', async ({ page }) => {
  await page.route('**/runs/demo/index/summary.sqlite.gz', async (route) => {
    const response = await route.fetch()
    const body = await response.body()
    body[Math.floor(body.length / 2)] = (body[Math.floor(body.length / 2)] ?? 0) ^ 0xff
    await route.fulfill({ response, body })
  })
  await page.goto('/#/run/demo')
  await expect(page.getByRole('alert')).toContainText(/index\/summary\.sqlite\.gz: SHA-256 [0-9a-f]{64}, expected/)
})

test('a truncated weight file is refused by its size, and the index still serves', async ({ page }) => {
  await page.route('**/runs/demo/model/weights-00.bin', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ status: 200, body: (await response.body()).subarray(0, 1000) })
  })
  await page.goto('/?backend=wasm#/run/demo/live?text=A%20kite.')
  await expect(page.getByRole('alert')).toContainText(/model\/weights-00\.bin: .*1,?000.* bytes/)
  await page.getByRole('link', { name: 'Overview' }).click()
  await expect(page.getByRole('heading', { name: /decomposed into/ })).toBeVisible()
})

test('a bundle of another format is refused by number', async ({ page }) => {
  await page.route('**/runs/demo/manifest.json', (route) => route.fulfill({ json: { format: 99 } }))
  await page.goto('/#/run/demo')
  await expect(page.getByRole('alert')).toContainText('format 99, expected 2')
})

test('an unknown run is told with the way to all runs', async ({ page }) => {
  expectFault(NOT_FOUND)
  await page.goto('/#/run/nowhere')
  await expect(page.getByRole('alert')).toContainText('nowhere')
  await page.getByRole('link', { name: 'All runs' }).click()
  await expect(page.getByRole('heading', { name: /decomposed into/ })).toBeVisible()
})

test('an unknown page is told', async ({ page }) => {
  await page.goto('/#/nothing/here')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

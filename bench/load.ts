import { type BrowserContext, chromium } from '@playwright/test'
import { build, preview } from 'vite'

/**
 * Milliseconds and bytes until the overview and a subcomponent's page show their numbers, in the built app on the demo
 * run: cold (a fresh browser profile) and warm (the same profile again, so the host answers "not modified"):
 *   npx tsx bench/load.ts [rounds]
 * Medians of `rounds` (5 by default). Bytes are those of response bodies as sent. BROWSER names the browser's file.
 */
const PAGES = [
  { name: 'overview', address: '#/run/demo', ready: 'figure svg' },
  { name: 'subcomponent', address: '#/run/demo/module/model.layers.1.mlp.up_proj/331', ready: '.kwic li' },
  {
    name: 'live, story of 6 tokens',
    address: '#/run/demo/live?text=Leo%20ran%20home%20again.',
    ready: '.active-list tbody a',
  },
] as const
const TIMEOUT_MS = 120_000

const rounds = Number(process.argv[2] ?? 5)
await build({ logLevel: 'error' })
const server = await preview({ logLevel: 'error', preview: { port: 4180 } })
const origin = server.resolvedUrls?.local[0] ?? 'http://localhost:4180/'
const browser = await chromium.launch({
  executablePath: process.env.BROWSER ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
})

console.log('| page | first visit, ms | KB | second visit, ms | KB |\n|---|---:|---:|---:|---:|')
for (const page of PAGES) {
  const cold: Visit[] = []
  const warm: Visit[] = []
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext()
    cold.push(await visit(context, page))
    warm.push(await visit(context, page))
    await context.close()
  }
  const cells = [cold, warm].flatMap((visits) => [
    median(visits.map(({ ms }) => ms)).toFixed(0),
    (median(visits.map(({ bytes }) => bytes)) / 1000).toFixed(0),
  ])
  console.log(`| ${page.name} | ${cells.join(' | ')} |`)
}
await browser.close()
await server.close()

interface Visit {
  readonly ms: number
  readonly bytes: number
}

async function visit(context: BrowserContext, { address, ready }: (typeof PAGES)[number]): Promise<Visit> {
  const page = await context.newPage()
  const sizes: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    sizes.push(
      request.sizes().then(
        ({ responseBodySize }) => responseBodySize,
        () => 0,
      ),
    )
  })
  const start = performance.now()
  await page.goto(origin + address)
  await page.locator(ready).first().waitFor({ timeout: TIMEOUT_MS })
  const ms = performance.now() - start
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  await page.close()
  return { ms, bytes }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

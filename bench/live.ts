import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build, preview } from 'vite'
import { createStoryteller } from '../core/storyteller/createStoryteller.ts'
import { createTokenizer, type Tokenizer } from '../core/tokenizer/createTokenizer.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { readGrammarFolder } from '../training/readGrammarFolder.ts'

/**
 * Milliseconds of a live pass in the built app, in a browser, by story length, threads and where CI is computed:
 *   npx tsx bench/live.ts public/runs/demo [passes]
 * Each pass is of another story, median of `passes` (7 by default) after two to warm up;
 * the fastest tells least of other work on the machine. BROWSER names the browser's
 * file where it is not /usr/bin/chromium.
 */
const LENGTHS = [32, 128, 512]
const VARIANTS = [
  { threads: 1, ci: 'outside' },
  { threads: 2, ci: 'outside' },
  { threads: 1, ci: 'graph' },
  { threads: 2, ci: 'graph' },
] as const
const WARM_UP = 2
const SEED = 526
const TIMEOUT_MS = 300_000
const POLL_MS = 25

const [folder, passes = '7'] = process.argv.slice(2)
if (folder === undefined || !(Number(passes) > 0)) {
  console.error('usage: bench/live.ts <run bundle> [passes]')
  process.exit(2)
}
const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = await openBundleFolder(folder)
const tokenizer = createTokenizer(new TextDecoder().decode(await bundle.read(bundle.manifest.tokenizer)))
const storyteller = createStoryteller(await readGrammarFolder(join(root, 'training/grammar')), SEED)
const outDir = await mkdtemp(join(tmpdir(), 'atlas-bench-live-'))
await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } })
const server = await preview({ root, logLevel: 'error', build: { outDir }, preview: { port: 0 } })
const browser = await chromium.launch({
  executablePath: process.env.BROWSER ?? '/usr/bin/chromium',
  args: [
    ...['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync'],
  ],
})
try {
  console.log(
    '| tokens | threads | CI | session, ms | causal importances, ms | other, ms | whole pass, ms | fastest, ms |',
  )
  console.log('|---:|---:|---|---:|---:|---:|---:|---:|')
  for (const { threads, ci } of VARIANTS) {
    const page = await openLive(
      browser,
      server.resolvedUrls?.local[0] ?? '',
      `backend=wasm&threads=${threads}${ci === 'graph' ? '&ci=graph' : ''}`,
    )
    for (const length of LENGTHS) {
      const timings = await measure(page, length, Number(passes))
      const cells = timings.map((milliseconds) => milliseconds.toFixed(1))
      console.log(`| ${length} | ${threads} | ${ci === 'graph' ? 'in the graph' : 'outside'} | ${cells.join(' | ')} |`)
    }
    await page.close()
  }
} finally {
  await browser.close()
  await server.close()
  await rm(outDir, { recursive: true })
}

/** The live page of the bundle, its files served from `folder` whatever is bundled with the app. */
async function openLive(browser: Browser, base: string, query: string): Promise<Page> {
  const page = await browser.newPage()
  await page.route('**/runs/bench/**', async (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^.*\/runs\/bench\//, '')
    await route.fulfill({ body: await readFile(join(resolve(String(folder)), path)) })
  })
  await page.goto(`${base}?${query}#/run/bench/live`)
  await page.getByRole('textbox', { name: 'Story' }).waitFor({ timeout: TIMEOUT_MS })
  return page
}

/** Medians of session, CI, other and the sum, and the least sum. */
async function measure(page: Page, length: number, count: number): Promise<number[]> {
  const timings: number[][] = []
  for (let i = 0; i < count + WARM_UP; i++) {
    const parts = await pass(page, storyOf(length, i, tokenizer))
    if (i >= WARM_UP) timings.push([...parts, parts.reduce((sum, part) => sum + part, 0)])
  }
  const medians = [0, 1, 2, 3].map((column) => median(timings.map((row) => row[column] ?? Number.NaN)))
  return [...medians, Math.min(...timings.map((row) => row[3] ?? Number.NaN))]
}

/** Types a story and waits for its pass; the status line's title says where the time went. */
async function pass(page: Page, text: string): Promise<number[]> {
  const known = await page.evaluate(readStatus)
  await page.getByRole('textbox', { name: 'Story' }).fill(text)
  const end = performance.now() + TIMEOUT_MS
  let title = ''
  while (title === '' || title === known) {
    if (performance.now() > end) throw new Error(`no pass of "${text.slice(0, 40)}" after ${TIMEOUT_MS} ms`)
    await page.waitForTimeout(POLL_MS)
    title = await page.evaluate(readStatus)
  }
  return [...title.matchAll(/([\d.]+) ms/g)].map(([, milliseconds]) => Number(milliseconds))
}

/** In the page: where the time of the last pass went; "" while there is none or another is under way. */
function readStatus(): string {
  const lines = [...document.querySelectorAll('[role=status]')]
  const line = lines.find(({ textContent }) => /last pass/.test(textContent ?? ''))
  return line === undefined || /updating/.test(line.textContent ?? '') ? '' : (line.getAttribute('title') ?? '')
}

/** The beginning of a story, [EOS] included exactly `length` tokens; another one for each `index`. */
function storyOf(length: number, index: number, { encode }: Tokenizer): string {
  const words: string[] = []
  for (let part = 0; encode(words.join(' ')).ids.length < length + 20; part++) {
    words.push(...storyteller.story(1000 * index + part).text.split(/\s+/))
  }
  while (encode(words.join(' ')).ids.length > length) words.pop()
  const missing = length - encode(words.join(' ')).ids.length
  return [...words, ...Array.from({ length: missing }, () => 'and')].join(' ')
}

function median(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b)
  return ordered[Math.floor(ordered.length / 2)] ?? Number.NaN
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import initSqlJs from 'sql.js'
import type { IndexDatabase, SqlEngine } from '../core/bundle/IndexDatabase.ts'
import { openIndexFile } from '../core/bundle/openIndexFile.ts'
import { queryExamples } from '../core/bundle/queryExamples.ts'
import { queryModules } from '../core/bundle/queryModules.ts'
import { querySubcomponents } from '../core/bundle/querySubcomponents.ts'
import { createTokenTable, querySubcomponentTokens, queryTokens } from '../core/bundle/queryTokens.ts'
import { buildIndex } from '../core/bundle/writing/buildIndex.ts'
import type { IndexFile } from '../core/bundle/writing/IndexFile.ts'
import { levelsWith } from '../core/statistics/levels.ts'
import { SUBCOMPONENT_CLASSES } from '../core/statistics/subcomponentClass.ts'
import { gzip } from '../pipeline/node/gzip.ts'
import { describeMachine, inFreshProcess, printHead, printRow, usageOfProcess } from './machine.ts'
import { randomIndexSource } from './randomIndexSource.ts'

/*
 * Builds an index of random numbers, no model behind it, and opens it: time, memory, sizes and queries.
 *   npx tsx bench/fabricateIndex.ts [--modules 25,250] [--c 4000] [--levels all|1] [--stories 2000] [--sample 4096]
 */
const { values } = parseArgs({
  options: {
    modules: { type: 'string', default: '25,250' },
    c: { type: 'string', default: '4000' },
    levels: { type: 'string', default: 'all' },
    stories: { type: 'string', default: '2000' },
    sample: { type: 'string', default: '4096' },
    child: { type: 'boolean', default: false },
  },
})
const THRESHOLD = 0.01
const DETAILS_OPENED = 5

if (values.child) console.log(JSON.stringify(await measure(Number(values.modules))))
else printTable()

function printTable(): void {
  console.log(`${describeMachine()}; random numbers, no model\n`)
  const columns = [
    'built in, s',
    'of processor time',
    'peak memory, MB',
    'files',
    'MB, gzip',
    'summary, MB, gzip',
    'a level, MB, gzip',
  ]
  const opening = [
    'summary opened in, ms',
    'modules, ms',
    'sorted table over all modules, ms',
    'one subcomponent cold, ms',
    'KB',
  ]
  printHead(['subcomponents', 'active', ...columns, ...opening])
  for (const modules of values.modules.split(',')) {
    const args = ['c', 'levels', 'stories', 'sample'] as const
    const options = args.flatMap((name) => [`--${name}`, values[name]])
    printRow(JSON.parse(inFreshProcess(import.meta.url, ['--child', '--modules', modules, ...options])))
  }
}

async function measure(moduleCount: number): Promise<(string | number)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-index-'))
  try {
    const engine = await initSqlJs()
    const built = await build(engine, folder, moduleCount)
    const { seconds, processorSeconds, peakMegabytes } = usageOfProcess()
    const opened = await open(await initSqlJs(), folder, built.details)
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2)
    return [
      moduleCount * Number(values.c),
      opened.active,
      seconds.toFixed(0),
      processorSeconds.toFixed(0),
      peakMegabytes.toFixed(0),
      built.files,
      megabytes(built.bytes),
      megabytes(built.summaryBytes),
      megabytes(built.levelBytes),
      ...opened.milliseconds.map((ms) => ms.toFixed(0)),
      (built.detailBytes / built.details.length / 1e3).toFixed(0),
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Built {
  readonly files: number
  readonly bytes: number
  readonly summaryBytes: number
  /** Of the largest. */
  readonly levelBytes: number
  readonly detailBytes: number
  readonly details: readonly { readonly name: string; readonly start: number }[]
}

async function build(engine: SqlEngine, folder: string, moduleCount: number): Promise<Built> {
  const source = randomIndexSource({
    moduleCount,
    C: Number(values.c),
    vocabularySize: 4096,
    storyCount: Number(values.stories),
    storyLength: 200,
    activeShare: 0.38,
    levels: values.levels === 'all' ? levelsWith(THRESHOLD) : [THRESHOLD],
    threshold: THRESHOLD,
    sampledPositions: Number(values.sample),
  })
  const sizes: { kind: IndexFile['content']['kind']; bytes: number }[] = []
  const details: { name: string; start: number }[] = []
  for await (const { path, bytes, content } of buildIndex(engine, source)) {
    const packed = await gzip(bytes)
    const name = basename(path)
    await writeFile(join(folder, name), packed)
    sizes.push({ kind: content.kind, bytes: packed.length })
    if (content.kind === 'detail') details.push({ name, start: content.start })
  }
  const ofKind = (kind: string): number[] => sizes.flatMap((file) => (file.kind === kind ? [file.bytes] : []))
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
  return {
    files: sizes.length,
    bytes: sum(sizes.map(({ bytes }) => bytes)),
    summaryBytes: sum(ofKind('summary')),
    levelBytes: Math.max(0, ...ofKind('level')),
    detailBytes: sum(ofKind('detail')),
    details,
  }
}

/** As the page does, without the network: unpack, open, ask. */
async function open(
  engine: SqlEngine,
  folder: string,
  details: Built['details'],
): Promise<{ active: number; milliseconds: number[] }> {
  const openFile = async (name: string): Promise<IndexDatabase> =>
    openIndexFile(engine, gunzipSync(await readFile(join(folder, name))), name)
  let startedAt = performance.now()
  const lap = (): number => {
    const ms = performance.now() - startedAt
    startedAt = performance.now()
    return ms
  }
  const summary = await openFile('summary.sqlite')
  const opening = lap()
  const active = queryModules(summary).reduce((sum, module) => sum + module.active, 0)
  const modules = lap()
  querySubcomponents(summary, {
    moduleId: null,
    classes: SUBCOMPONENT_CLASSES,
    tokenText: '',
    sort: { column: 'unique_tokens', direction: 'descending' },
    offset: 0,
    limit: 100,
  })
  const table = lap()
  const tokens = createTokenTable(queryTokens(summary))
  lap()
  for (const { name, start } of details.slice(0, DETAILS_OPENED)) {
    const detail = await openFile(name)
    querySubcomponentTokens(detail, tokens, start)
    queryExamples(detail, tokens, start)
    detail.close()
  }
  const detail = lap() / Math.min(DETAILS_OPENED, details.length)
  summary.close()
  return { active, milliseconds: [opening, modules, table, detail] }
}

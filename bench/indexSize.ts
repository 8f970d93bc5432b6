import initSqlJs from 'sql.js'
import { indexOf } from '../core/bundle/findBundleFile.ts'
import { queryRows, type SqlEngine } from '../core/bundle/IndexDatabase.ts'
import type { BundleFile, Manifest } from '../core/bundle/manifest.ts'
import { unpackBundleFile } from '../core/bundle/unpackBundleFile.ts'
import { gzip } from '../pipeline/node/gzip.ts'
import { type BundleFolder, openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { openBundleIndex } from '../pipeline/node/openBundleIndex.ts'
import { describeMachine, printHead, printRow } from './machine.ts'

/*
 * Bytes of the index of each bundle an active subcomponent, by kind of file and by table, and what opening one cold moves:
 *   npx tsx bench/indexSize.ts <bundle> ...
 * Tables are weighed in at most 16 files of a kind: each alone in its file, packed alone.
 */
const WEIGHED_FILES = 16

const bundles = process.argv.slice(2)
if (bundles.length === 0) {
  console.error('usage: bench/indexSize.ts <bundle> ...')
  process.exit(2)
}
console.log(describeMachine())
const engine = await initSqlJs()
for (const path of bundles) await printBundle(await openBundleFolder(path))

async function printBundle(bundle: BundleFolder): Promise<void> {
  const { manifest } = bundle
  const active = await countActive(bundle)
  const all = manifest.modules.reduce((sum, { c }) => sum + c, 0)
  console.log(`\n${bundle.path}: ${all} subcomponents, ${active} active, ${manifest.corpus?.positions} positions\n`)
  printHead(['files', 'number', 'MB', 'MB, gzip', 'bytes an active subcomponent', 'gzip'])
  const kinds = filesByKind(manifest)
  const total = [...kinds.values()].flat()
  for (const [kind, files] of [...kinds, ['all', total] as const]) printFiles(kind, files, active)
  console.log()
  printHead(['table', 'share of its kind of file', 'gzip'])
  for (const [kind, files] of kinds) {
    for (const { table, raw, packed } of await weighTables(bundle, files)) {
      printRow([`${kind}: ${table}`, `${(100 * raw).toFixed(1)} %`, `${(100 * packed).toFixed(1)} %`])
    }
  }
  const details = (kinds.get('detail') ?? []).map(({ bytes }) => bytes).sort((a, b) => a - b)
  const kilobytes = (bytes: number | undefined): string => ((bytes ?? 0) / 1e3).toFixed(0)
  console.log(
    `\nOpening one subcomponent cold moves its file of detail: median ${kilobytes(details[details.length >> 1])} KB, ` +
      `largest ${kilobytes(details.at(-1))} KB; the summary has ${kilobytes(kinds.get('summary')?.[0]?.bytes)} KB.`,
  )
}

async function countActive(bundle: BundleFolder): Promise<number> {
  const summary = await (await openBundleIndex(bundle)).openSummary()
  const [active = 0] = queryRows(summary, 'SELECT sum(active) AS active FROM module', [], (row) =>
    row.integer('active'),
  )
  summary.close()
  return active
}

function filesByKind(manifest: Manifest): Map<string, BundleFile[]> {
  const { summary, levels, details, tokens, stories } = indexOf(manifest)
  const fileOf = new Map(manifest.files.map((file) => [file.path, file]))
  const filesOf = (entries: readonly { readonly path: string }[]): BundleFile[] =>
    entries.flatMap(({ path }) => fileOf.get(path) ?? [])
  return new Map([
    ['summary', filesOf([{ path: summary }])],
    ['level', filesOf(levels)],
    ['detail', filesOf(details)],
    ['tokens', filesOf(tokens)],
    ['stories', filesOf(stories)],
  ])
}

function printFiles(kind: string, files: readonly BundleFile[], active: number): void {
  const raw = files.reduce((sum, { bytes, unpacked }) => sum + (unpacked?.bytes ?? bytes), 0)
  const packed = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2)
  const share = (bytes: number): string => (bytes / active).toFixed(0)
  printRow([kind, files.length, megabytes(raw), megabytes(packed), share(raw), share(packed)])
}

interface TableWeight {
  readonly table: string
  /** Shares of all tables of the files. */
  readonly raw: number
  readonly packed: number
}

async function weighTables(bundle: BundleFolder, files: readonly BundleFile[]): Promise<TableWeight[]> {
  const step = Math.max(1, Math.ceil(files.length / WEIGHED_FILES))
  const weights = new Map<string, { raw: number; packed: number }>()
  for (const file of files.filter((_, i) => i % step === 0)) {
    const content = await unpackBundleFile(file, await bundle.read(file.path))
    for (const table of tablesOf(engine, content)) {
      const alone = aloneInFile(engine, content, table)
      const weight = weights.get(table) ?? { raw: 0, packed: 0 }
      weights.set(table, { raw: weight.raw + alone.length, packed: weight.packed + (await gzip(alone)).length })
    }
  }
  const sums = [...weights.values()].reduce(
    (sum, { raw, packed }) => ({ raw: sum.raw + raw, packed: sum.packed + packed }),
    {
      raw: 0,
      packed: 0,
    },
  )
  return [...weights].map(([table, { raw, packed }]) => ({ table, raw: raw / sums.raw, packed: packed / sums.packed }))
}

function tablesOf({ Database }: SqlEngine, content: Uint8Array): string[] {
  const database = new Database(content)
  const tables = queryRows(database, "SELECT name FROM sqlite_schema WHERE type = 'table'", [], (row) =>
    row.text('name'),
  )
  database.close()
  return tables
}

/** The file with the rows of `table` only. */
function aloneInFile({ Database }: SqlEngine, content: Uint8Array, table: string): Uint8Array {
  const database = new Database(content)
  database.run('PRAGMA foreign_keys = OFF')
  for (const other of tablesOf({ Database }, content)) if (other !== table) database.run(`DROP TABLE "${other}"`)
  database.run('VACUUM')
  const bytes = database.export()
  database.close()
  return bytes
}

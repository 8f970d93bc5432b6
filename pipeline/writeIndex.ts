import { join } from 'node:path'
import initSqlJs from 'sql.js'
import type { BundleFile, Manifest } from '../core/bundle/manifest.ts'
import { sha256 } from '../core/bundle/sha256.ts'
import { buildIndex } from '../core/bundle/writing/buildIndex.ts'
import type { IndexFile } from '../core/bundle/writing/IndexFile.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { readGrammar } from '../core/storyteller/readGrammar.ts'
import { openHarvestInput } from './harvest/openHarvestInput.ts'
import type { IndexInput } from './IndexInput.ts'
import { readText, writeFileAtomically } from './node/files.ts'
import { gzip } from './node/gzip.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { replaceFolder } from './node/replaceFolder.ts'
import { openSpdHarvestInput } from './spd-harvest/openSpdHarvestInput.ts'
import type { Terminal } from './Terminal.ts'

export interface WriteIndexOptions {
  readonly bundle: string
  /** What `harvest` wrote; this or `spdHarvest`. */
  readonly harvest?: string
  /** What the spd package's own harvest left. */
  readonly spdHarvest?: string
  /** Grammar of the corpus, to make fresh stories by. */
  readonly grammar?: string
  /** Whether the whole stories go into the index (default true); the examples' windows always do. */
  readonly stories?: boolean
}

const INDEX_FOLDER = 'index'
const GRAMMAR = 'stories/grammar.json'

/** Writes the index of a harvest into the bundle it was made from, in the place of one that is there. */
export async function writeIndex(
  options: WriteIndexOptions,
  terminal: Pick<Terminal, 'tell' | 'onProgress'>,
): Promise<void> {
  const { bundle: folder, grammar, stories = true } = options
  const bundle = await openBundleFolder(folder)
  const input = await openInput(bundle, options)
  try {
    const grammarFile = grammar === undefined ? null : await storeGrammar(folder, grammar)
    const written = await writeIndexFiles(bundle, input, stories, terminal)
    const manifest = withIndex(bundle.manifest, input, written, grammarFile)
    await writeFileAtomically(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    const bytes = written.reduce((sum, { file }) => sum + file.bytes, 0)
    terminal.tell(`${folder}: index of ${written.length} files, ${bytes} bytes`)
  } finally {
    await input.close()
  }
}

async function openInput(bundle: BundleFolder, { harvest, spdHarvest }: WriteIndexOptions): Promise<IndexInput> {
  if (harvest !== undefined && spdHarvest === undefined) return openHarvestInput(bundle, harvest)
  if (spdHarvest !== undefined && harvest === undefined) return openSpdHarvestInput(bundle, spdHarvest)
  throw new AtlasError('arguments/invalid', 'index: expected --harvest or --spd-harvest, one of the two')
}

interface WrittenFile {
  readonly content: IndexFile['content']
  readonly file: BundleFile
}

async function writeIndexFiles(
  { path: folder, manifest }: BundleFolder,
  { source }: IndexInput,
  withStories: boolean,
  terminal: Pick<Terminal, 'onProgress'>,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = []
  await replaceFolder(join(folder, INDEX_FOLDER), async (partial) => {
    for await (const file of buildIndex(await initSqlJs(), source)) {
      if (file.content.kind === 'stories' && !withStories) continue
      const name = `${file.path.slice(INDEX_FOLDER.length + 1)}.gz`
      const packed = await gzip(file.bytes)
      await writeFileAtomically(join(partial, name), packed)
      written.push({ content: file.content, file: await describeFile(`${INDEX_FOLDER}/${name}`, packed, file) })
      tellProgress(manifest, file, terminal)
    }
  })
  return written
}

async function describeFile(path: string, packed: Uint8Array<ArrayBuffer>, { bytes }: IndexFile): Promise<BundleFile> {
  return {
    path,
    bytes: packed.length,
    sha256: await sha256(packed),
    unpacked: { bytes: bytes.length, sha256: await sha256(new Uint8Array(bytes)) },
  }
}

/** Copies the grammar at `path` into the bundle, once it is known to be one. */
async function storeGrammar(folder: string, path: string): Promise<BundleFile> {
  const text = await readText(path)
  readGrammar(text, path)
  const bytes = new TextEncoder().encode(text)
  await writeFileAtomically(join(folder, GRAMMAR), bytes)
  return { path: GRAMMAR, bytes: bytes.length, sha256: await sha256(bytes) }
}

function withIndex(
  manifest: Manifest,
  { corpus }: IndexInput,
  written: readonly WrittenFile[],
  grammar: BundleFile | null,
): Manifest {
  const summary = written.find(({ content }) => content.kind === 'summary')
  const kept = manifest.files.filter(({ path }) => !path.startsWith(`${INDEX_FOLDER}/`) && path !== grammar?.path)
  return {
    ...manifest,
    corpus,
    index: {
      summary: summary?.file.path ?? '',
      levels: written.flatMap(({ content, file: { path } }) =>
        content.kind === 'level' ? [{ path, threshold: content.threshold }] : [],
      ),
      tokens: written.flatMap(({ content, file: { path } }) =>
        content.kind === 'tokens' ? [{ path, start: content.start, end: content.end }] : [],
      ),
      details: written.flatMap(({ content, file: { path } }) => {
        if (content.kind !== 'detail') return []
        return [{ path, module: content.module, start: content.start, end: content.end }]
      }),
      stories: written.flatMap(({ content, file: { path } }) =>
        content.kind === 'stories' ? [{ path, start: content.start, end: content.end }] : [],
      ),
    },
    story_grammar: grammar?.path ?? manifest.story_grammar,
    files: [...kept, ...(grammar === null ? [] : [grammar]), ...written.map(({ file }) => file)],
  }
}

function tellProgress(
  { modules }: Manifest,
  { content }: IndexFile,
  { onProgress }: Pick<Terminal, 'onProgress'>,
): void {
  if (content.kind !== 'detail') return
  const module = modules.findIndex(({ path }) => path === content.module)
  if (content.end < (modules[module]?.c ?? 0)) return
  onProgress({ label: 'writing the index', done: module + 1, total: modules.length, unit: 'modules' })
}

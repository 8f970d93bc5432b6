import { join } from 'node:path'
import initSqlJs from 'sql.js'
import type { BundleFile, Manifest } from '../core/bundle/manifest.ts'
import { sha256 } from '../core/bundle/sha256.ts'
import { buildIndex } from '../core/bundle/writing/buildIndex.ts'
import type { IndexFile } from '../core/bundle/writing/IndexFile.ts'
import type { IndexSource, SourceModule } from '../core/bundle/writing/IndexSource.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { writeVectorsName } from '../core/graph/ports.ts'
import { rowNorms } from '../core/inference/rowNorms.ts'
import { readGrammar } from '../core/storyteller/readGrammar.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import { type HarvestFolder, readHarvest } from './harvest/harvestFolder.ts'
import { readText, writeFileAtomically } from './node/files.ts'
import { gzip } from './node/gzip.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { readBundleWeights } from './node/readBundleWeights.ts'
import { replaceFolder } from './node/replaceFolder.ts'
import type { Terminal } from './Terminal.ts'

export interface WriteIndexOptions {
  readonly bundle: string
  readonly harvest: string
  /** Grammar of the corpus, to make fresh stories by. */
  readonly grammar?: string
}

const INDEX_FOLDER = 'index'
const GRAMMAR = 'stories/grammar.json'

/** Writes the index of a harvest into the bundle it was made from, in the place of one that is there. */
export async function writeIndex(
  { bundle: folder, harvest: harvestFolder, grammar }: WriteIndexOptions,
  terminal: Pick<Terminal, 'tell' | 'onProgress'>,
): Promise<void> {
  const bundle = await openBundleFolder(folder)
  const harvest = await readHarvest(harvestFolder)
  assertOwnHarvest(bundle.manifest, harvest, harvestFolder)
  const grammarFile = grammar === undefined ? null : await storeGrammar(folder, grammar)
  const source = await indexSource(bundle, harvest)
  const written: WrittenFile[] = []
  await replaceFolder(join(folder, INDEX_FOLDER), async (partial) => {
    for await (const file of buildIndex(await initSqlJs(), source)) {
      const name = `${file.path.slice(INDEX_FOLDER.length + 1)}.gz`
      const packed = await gzip(file.bytes)
      await writeFileAtomically(join(partial, name), packed)
      written.push({ content: file.content, file: await describeFile(`${INDEX_FOLDER}/${name}`, packed, file) })
      tellProgress(bundle.manifest, file, terminal)
    }
  })
  const manifest = withIndex(bundle.manifest, harvest, written, grammarFile)
  await writeFileAtomically(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const bytes = written.reduce((sum, { file }) => sum + file.bytes, 0)
  terminal.tell(`${folder}: index of ${written.length} files, ${bytes} bytes`)
}

interface WrittenFile {
  readonly content: IndexFile['content']
  readonly file: BundleFile
}

/** Refuses a harvest of another run. */
function assertOwnHarvest(manifest: Manifest, { manifest: harvest }: HarvestFolder, place: string): void {
  const found = harvest.checkpoint_sha256
  const expected = manifest.run.checkpoint.sha256
  if (found !== expected) {
    throw new AtlasError('arguments/invalid', `${place}: harvest of checkpoint ${found}, the bundle has ${expected}`)
  }
  const shape = (modules: readonly { readonly path: string; readonly c: number }[]): string =>
    modules.map(({ path, c }) => `${path} ${c}`).join(', ')
  if (shape(harvest.modules) !== shape(manifest.modules)) {
    throw new AtlasError(
      'arguments/invalid',
      `${place}: harvest of modules ${shape(harvest.modules)}, the bundle has ${shape(manifest.modules)}`,
    )
  }
}

async function indexSource(bundle: BundleFolder, harvest: HarvestFolder): Promise<IndexSource> {
  const { manifest } = bundle
  const tokenizer = createTokenizer(new TextDecoder().decode(await bundle.read(manifest.tokenizer)), manifest.tokenizer)
  const readWeight = await readBundleWeights(bundle, 'intervene')
  return {
    positionCount: harvest.manifest.corpus.positions,
    tokens: Array.from({ length: harvest.manifest.vocabulary_size }, (_, id) => tokenizer.tokenOf(id)),
    occurrences: harvest.occurrences,
    stories: harvest.stories,
    exampleStories: harvest.manifest.example_stories,
    windowRadius: harvest.manifest.window_radius,
    modules: manifest.modules.map(({ path, layer, kind, c }, i): SourceModule => {
      const writeNorms = rowNorms(readWeight(writeVectorsName(path)).data, c)
      return { path, layer, kind, C: c, writeNorms, readActivity: () => harvest.readModule(i) }
    }),
  }
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
  harvest: HarvestFolder,
  written: readonly WrittenFile[],
  grammar: BundleFile | null,
): Manifest {
  const summary = written.find(({ content }) => content.kind === 'summary')
  const kept = manifest.files.filter(({ path }) => !path.startsWith(`${INDEX_FOLDER}/`) && path !== grammar?.path)
  return {
    ...manifest,
    corpus: harvest.manifest.corpus,
    index: {
      summary: summary?.file.path ?? '',
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

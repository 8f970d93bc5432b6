import type { ByteSource } from '../bytes/ByteSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import type { ModuleActivity } from '../statistics/Activity.ts'
import type { CorpusActivity } from '../statistics/CorpusActivity.ts'
import { readFiringCounts } from '../statistics/FiringCounts.ts'
import type { FiringShape } from '../statistics/firingRun.ts'
import type { HarvestedModule } from '../statistics/HarvestedModule.ts'
import type { SampledPositions } from '../statistics/SampledPositions.ts'
import { decodeCorpusActivity } from './corpusActivityFile.ts'
import { type HarvestFile, type HarvestManifest, settingsOf } from './harvestManifest.ts'
import { decodeModuleActivity } from './moduleActivityFile.ts'
import { readSampledBlocks } from './sampledPositionsFile.ts'
import { decodeStories } from './storiesFile.ts'

/** A file of a harvest's folder, opened. */
export interface OpenedSource extends ByteSource {
  close(): Promise<void>
}

/** The folder of a harvest, of a whole corpus or part of it. */
export interface OpenedHarvest {
  readonly manifest: HarvestManifest
  /** What messages call it. */
  readonly place: string
  open(path: string): Promise<OpenedSource>
}

/** Largest file that is read whole: activities of a million subcomponents have some 2 GB at worst. */
const MAX_FILE_BYTES = 2 ** 31

/** What the harvest found of module `index`, whole in memory. */
export async function readHarvestedModule(harvest: OpenedHarvest, index: number): Promise<HarvestedModule> {
  const module = moduleOf(harvest, index)
  const activity = await readModuleActivity(harvest, index)
  const counts = await withFile(harvest, module.counts, (source) =>
    readFiringCounts(source, firingShapeOf(harvest, index)),
  )
  return { activity, counts }
}

/** The activity of module `index` without its firing counts. */
export async function readModuleActivity(harvest: OpenedHarvest, index: number): Promise<ModuleActivity> {
  const { activity, c } = moduleOf(harvest, index)
  const bytes = await readWhole(harvest, activity)
  return decodeModuleActivity(bytes, settingsOf(harvest.manifest), c, `${harvest.place}/${activity.path}`)
}

/** The counts of the harvest's stories. */
export async function readCorpusActivity(harvest: OpenedHarvest): Promise<CorpusActivity> {
  const { manifest, place } = harvest
  const file = manifest.files.corpus
  const corpus = decodeCorpusActivity(await readWhole(harvest, file), settingsOf(manifest), `${place}/${file.path}`)
  const { start, end } = manifest.stories
  const told = [end - start, manifest.positions, manifest.sampled_positions].join(', ')
  const found = [corpus.storyCount, corpus.positionCount, corpus.sampledPositionCount].join(', ')
  if (found === told) return corpus
  throw malformed(harvest, `${file.path} has ${found} stories, positions and sampled positions, expected ${told}`)
}

/** Every story's token ids, from `manifest.stories.start` on. */
export async function readHarvestStories(harvest: OpenedHarvest): Promise<Uint32Array[]> {
  const { stories, files } = harvest.manifest
  const bytes = await readWhole(harvest, files.stories)
  return decodeStories(bytes, stories.end - stories.start, `${harvest.place}/${files.stories.path}`)
}

/** The sampled positions, a block at a time. */
export async function* readSampledPositions(harvest: OpenedHarvest): AsyncGenerator<SampledPositions> {
  const source = await openFile(harvest, harvest.manifest.files.sampled_positions)
  let rows = 0
  try {
    for await (const block of readSampledBlocks(source, settingsOf(harvest.manifest))) {
      rows += block.rowCount
      yield block
    }
  } finally {
    await source.close()
  }
  const expected = harvest.manifest.sampled_positions
  if (rows !== expected) throw malformed(harvest, `${rows} sampled positions, expected ${expected}`)
}

/** What the keys of a module's runs are made of. */
export function firingShapeOf(harvest: OpenedHarvest, index: number): FiringShape {
  const { vocabulary_size, levels } = harvest.manifest.settings
  return { C: moduleOf(harvest, index).c, vocabularySize: vocabulary_size, levelCount: levels.length }
}

/** Opens a file of the harvest, whose size must be the one told (format/malformed). */
export async function openFile(harvest: OpenedHarvest, file: HarvestFile): Promise<OpenedSource> {
  const source = await harvest.open(file.path)
  if (source.byteLength === file.bytes) return source
  await source.close()
  throw malformed(harvest, `${file.path} has ${source.byteLength} bytes, expected ${file.bytes}`)
}

/** What `read` makes of a file, which is closed afterwards. */
export async function withFile<Result>(
  harvest: OpenedHarvest,
  file: HarvestFile,
  read: (source: ByteSource) => Promise<Result>,
): Promise<Result> {
  const source = await openFile(harvest, file)
  try {
    return await read(source)
  } finally {
    await source.close()
  }
}

async function readWhole(harvest: OpenedHarvest, file: HarvestFile): Promise<Uint8Array> {
  if (file.bytes > MAX_FILE_BYTES) {
    const found = `${harvest.place}/${file.path}: ${file.bytes} bytes`
    throw new AtlasError('format/too-large', `${found}, at most ${MAX_FILE_BYTES} are read`)
  }
  return withFile(harvest, file, (source) => source.slice(0, source.byteLength))
}

function moduleOf(harvest: OpenedHarvest, index: number): HarvestManifest['modules'][number] {
  const module = harvest.manifest.modules[index]
  if (module !== undefined) return module
  throw malformed(harvest, `no module ${index}`)
}

function malformed({ place }: OpenedHarvest, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${place}: ${finding}`)
}

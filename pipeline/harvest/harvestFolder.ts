import { join } from 'node:path'
import { assertContent } from '../../core/bundle/assertContent.ts'
import { concatenate } from '../../core/bundle/gunzip.ts'
import { type HarvestFile, type HarvestManifest, readHarvestManifest } from '../../core/bundle/formerHarvestManifest.ts'
import { decodeHarvestModule, encodeHarvestModule } from '../../core/bundle/formerHarvestModuleFile.ts'
import { sha256 } from '../../core/bundle/sha256.ts'
import { decodeVarints, encodeVarints } from '../../core/bundle/varints.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import type { Activity } from '../../core/statistics/formerActivity.ts'
import { type HarvestedModule, harvestedModuleOf } from '../../core/statistics/formerHarvestedModule.ts'
import { readBytes, readText, writeFileAtomically } from '../node/files.ts'

/** The file that describes a harvest. */
export const HARVEST_JSON = 'harvest.json'

/** Everything harvest.json says beside its files. */
export type HarvestDescription = Pick<
  HarvestManifest,
  'format' | 'checkpoint_sha256' | 'corpus' | 'examples_per_subcomponent' | 'window_radius' | 'example_stories'
>

/** Writes a harvest into `folder`, harvest.json last. */
export async function writeHarvest(
  folder: string,
  description: HarvestDescription,
  activity: Activity,
  stories: readonly Uint32Array[],
): Promise<void> {
  const store = async (path: string, bytes: Uint8Array<ArrayBuffer>): Promise<HarvestFile> => {
    await writeFileAtomically(join(folder, path), bytes)
    return { path, bytes: bytes.length, sha256: await sha256(bytes) }
  }
  const { occurrences } = activity
  const modules: HarvestManifest['modules'] = []
  for (const [i, module] of activity.modules.entries()) {
    const { path = '', C: c = 0 } = activity.settings.modules[i] ?? {}
    const file = await store(`module-${i}.bin`, encodeHarvestModule(harvestedModuleOf(module)))
    modules.push({ path, c, file })
  }
  const manifest: HarvestManifest = {
    ...description,
    vocabulary_size: occurrences.length,
    occurrences: await store('occurrences.bin', copyBytes(occurrences)),
    stories: await store('stories.bin', encodeStories(stories)),
    modules,
  }
  await writeFileAtomically(join(folder, HARVEST_JSON), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** A harvest on disk; its modules are read when asked for. */
export interface HarvestFolder {
  readonly manifest: HarvestManifest
  readonly occurrences: Uint32Array
  /** Every story's token ids. */
  readonly stories: readonly Uint32Array[]
  readModule(index: number): Promise<HarvestedModule>
}

/** The harvest in `folder`, each file checked against its size and hash. */
export async function readHarvest(folder: string): Promise<HarvestFolder> {
  const manifest = readHarvestManifest(await readText(join(folder, HARVEST_JSON)), join(folder, HARVEST_JSON))
  const read = async (file: HarvestFile): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await readBytes(join(folder, file.path))
    await assertContent(join(folder, file.path), bytes, file)
    return bytes
  }
  const { occurrences } = manifest
  if (occurrences.bytes !== 4 * manifest.vocabulary_size) {
    throw malformed(folder, `${occurrences.bytes} bytes of occurrences for ${manifest.vocabulary_size} tokens`)
  }
  return {
    manifest,
    occurrences: new Uint32Array((await read(occurrences)).buffer),
    stories: decodeStories(await read(manifest.stories), manifest.corpus.stories, folder),
    readModule: async (index) => {
      const module = manifest.modules[index]
      if (module === undefined) throw malformed(folder, `no module ${index}`)
      const harvested = decodeHarvestModule(await read(module.file), join(folder, module.file.path))
      if (harvested.ciSums.length === module.c) return harvested
      throw malformed(folder, `${module.file.path} has ${harvested.ciSums.length} subcomponents, expected ${module.c}`)
    },
  }
}

/** Every story as the number of its tokens and their ids, in varints. */
function encodeStories(stories: readonly Uint32Array[]): Uint8Array<ArrayBuffer> {
  const blobs = stories.map((ids) => encodeVarints([ids.length, ...ids]))
  return concatenate(
    blobs,
    blobs.reduce((sum, blob) => sum + blob.length, 0),
  )
}

function decodeStories(bytes: Uint8Array, storyCount: number, folder: string): Uint32Array[] {
  const numbers = decodeVarints(bytes, join(folder, 'stories.bin'))
  const stories: Uint32Array[] = []
  for (let start = 0; start < numbers.length; ) {
    const end = start + 1 + (numbers[start] ?? 0)
    if (end > numbers.length) throw malformed(folder, `story ${stories.length} is cut off`)
    stories.push(numbers.subarray(start + 1, end))
    start = end
  }
  if (stories.length === storyCount) return stories
  throw malformed(folder, `${stories.length} stories, expected ${storyCount}`)
}

/** Typed arrays have the byte order of the machine: little-endian on all that Node runs on. */
function copyBytes(array: Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
}

function malformed(folder: string, finding: string): AtlasError {
  return new AtlasError('format/malformed', `${folder}: ${finding}`)
}

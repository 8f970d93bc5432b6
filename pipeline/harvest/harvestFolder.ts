import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type HarvestManifest, readHarvestManifest } from '../../core/bundle/harvestManifest.ts'
import type { OpenedHarvest } from '../../core/bundle/readHarvest.ts'
import type { StoreFile } from '../../core/bundle/writeHarvest.ts'
import { openFile, readText, writeFileAtomically, written } from '../node/files.ts'
import { assertFiles } from './assertFiles.ts'

/** The file that describes a harvest, written last. */
export const HARVEST_JSON = 'harvest.json'

/** Stores the files of a harvest in `folder`, each piece by piece; one that cannot be written is `output/unwritable`. */
export function storeIn(folder: string): StoreFile {
  return async (path, chunks) => {
    const place = join(folder, path)
    await written(mkdir(dirname(place), { recursive: true }), place)
    const handle = await written(open(place, 'w'), place)
    const hash = createHash('sha256')
    let bytes = 0
    try {
      for await (const chunk of chunks) {
        await written(handle.writeFile(chunk), place)
        hash.update(chunk)
        bytes += chunk.length
      }
    } finally {
      await handle.close()
    }
    return { path, bytes, sha256: hash.digest('hex') }
  }
}

/** Writes harvest.json, which makes the folder a harvest. */
export async function writeHarvestManifest(folder: string, manifest: HarvestManifest): Promise<void> {
  await writeFileAtomically(join(folder, HARVEST_JSON), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** The harvest, or part of one, in `folder`; its files are not checked against their hashes. */
export async function openHarvest(folder: string): Promise<OpenedHarvest> {
  const place = join(folder, HARVEST_JSON)
  const manifest = readHarvestManifest(await readText(place), place)
  return { manifest, place: folder, open: (path) => openFile(join(folder, path)) }
}

/** Throws `bundle/corrupt` for the first file of a harvest that has not the size and hash its harvest.json tells. */
export async function assertHarvestWhole({ manifest, place }: OpenedHarvest): Promise<void> {
  const { corpus, sampled_positions, stories } = manifest.files
  await assertFiles(place, [
    corpus,
    sampled_positions,
    stories,
    ...manifest.modules.flatMap(({ activity, counts }) => [activity, counts]),
  ])
}

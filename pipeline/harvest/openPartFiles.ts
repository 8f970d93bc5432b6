import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ByteSource } from '../../core/bytes/ByteSource.ts'
import { chunksOf } from '../../core/bytes/chunksOf.ts'
import { type OpenedFile, openFile, unwritable } from '../node/files.ts'

/** What a part's counter hands out as it goes, on disk until the part is written. */
export interface PartFiles {
  /** Takes a run of firing counts of module `index`. */
  addRun(index: number, bytes: Uint8Array): void
  /** Takes a block of sampled positions. */
  addSampledPositions(bytes: Uint8Array): void
  /** Gives `use` each module's runs and the blocks of sampled positions; nothing is left on disk afterwards. */
  finish(
    use: (runs: readonly (readonly ByteSource[])[], sampledPositions: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void>
}

/** Files in a folder of their own within `folder`, which is made; they are written at once, so that memory holds no run. */
export function openPartFiles(folder: string, moduleCount: number): PartFiles {
  const spill = join(folder, 'spill')
  const runs: string[][] = Array.from({ length: moduleCount }, () => [])
  const blocks = join(spill, 'sampled-positions')
  writing(spill, () => mkdirSync(spill))
  append(blocks, new Uint8Array(0))
  return {
    addRun: (index, bytes) => {
      const paths = runs[index] ?? []
      const path = join(spill, `${index}-${paths.length}`)
      append(path, bytes)
      paths.push(path)
    },
    addSampledPositions: (bytes) => append(blocks, bytes),
    finish: async (use) => {
      const opened: OpenedFile[] = []
      const open = async (path: string): Promise<OpenedFile> => {
        const file = await openFile(path)
        opened.push(file)
        return file
      }
      try {
        const sources: ByteSource[][] = []
        for (const paths of runs) {
          const ofModule: ByteSource[] = []
          for (const path of paths) ofModule.push(await open(path))
          sources.push(ofModule)
        }
        await use(sources, chunksOf(await open(blocks)))
      } finally {
        for (const file of opened) await file.close()
      }
      rmSync(spill, { recursive: true })
    },
  }
}

function append(path: string, bytes: Uint8Array): void {
  writing(path, () => {
    const file = openSync(path, 'a')
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    } finally {
      closeSync(file)
    }
  })
}

function writing(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    unwritable(path, cause)
  }
}

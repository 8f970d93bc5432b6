import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'

/** Refuses `folder`, the value of `option`, if it exists and has no file `marker`: it may be somebody's work. */
export async function assertReplaceable(folder: string, marker: string, option: string): Promise<void> {
  if (!(await exists(folder)) || (await exists(join(folder, marker)))) return
  throw new AtlasError('arguments/invalid', `${option} ${folder}: exists and has no ${marker}`)
}

/** Writes a folder whole or not at all: `write` fills one of another name, which then takes the place of `folder`. */
export async function replaceFolder(folder: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${resolve(folder)}.${process.pid}.tmp`
  const replaced = `${partial}.replaced`
  try {
    await mkdir(partial, { recursive: true })
    await write(partial)
    await mkdir(dirname(resolve(folder)), { recursive: true })
    const isReplacing = await exists(folder)
    if (isReplacing) await rename(folder, replaced)
    await rename(partial, folder).catch(async (cause: unknown) => {
      if (isReplacing) await rename(replaced, folder)
      throw cause
    })
    if (isReplacing) await rm(replaced, { recursive: true })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { unwritable, written } from './files.ts'

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
    await written(mkdir(partial, { recursive: true }), partial)
    await write(partial)
    const isReplacing = await exists(folder)
    if (isReplacing) await written(rename(folder, replaced), replaced)
    await rename(partial, folder).catch(async (cause: unknown) => {
      if (isReplacing) await rename(replaced, folder)
      unwritable(folder, cause)
    })
    if (isReplacing) await rm(replaced, { recursive: true })
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

/** Removes what a killed `replaceFolder` of `folder` has left beside it. */
export async function removePartials(folder: string): Promise<void> {
  const parent = dirname(resolve(folder))
  const name = basename(resolve(folder))
  for (const entry of await readdir(parent).catch(() => [])) {
    const isPartial = entry.startsWith(`${name}.`) && /^\.\d+\.tmp(\.replaced)?$/.test(entry.slice(name.length))
    if (isPartial) await rm(join(parent, entry), { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

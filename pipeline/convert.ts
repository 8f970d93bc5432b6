import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { readManifest } from '../core/bundle/manifest.ts'
import { writeModelBundle } from '../core/bundle/writeModelBundle.ts'
import { readDecomposition } from '../core/decomposition/readDecomposition.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import type { Precision } from '../core/graph/WeightPlan.ts'
import { atlasVersion } from './node/atlasVersion.ts'
import { hashFile, openFile, readText, writeFileAtomically } from './node/files.ts'
import type { Terminal } from './Terminal.ts'

export interface ConvertOptions {
  readonly checkpoint: string
  readonly config: string
  readonly target: string
  readonly tokenizer: string
  readonly out: string
  readonly id?: string
  readonly title?: string
  readonly precision: Precision
}

/** Writes the bundle of a run into `options.out`, whole or not at all. */
export async function convert(options: ConvertOptions, terminal: Pick<Terminal, 'tell' | 'onProgress'>): Promise<void> {
  const id = options.id ?? basename(resolve(options.out))
  if (!/^[\w.-]+$/.test(id)) {
    throw new AtlasError('arguments/invalid', `--id "${id}": expected letters, digits, ".", "_" and "-"`)
  }
  await assertReplaceable(options.out)
  const partial = `${resolve(options.out)}.${process.pid}.tmp`
  try {
    await writeBundle(options, id, partial, terminal)
    await putInPlace(partial, options.out)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  terminal.tell(`${options.out}: written`)
}

async function writeBundle(
  options: ConvertOptions,
  id: string,
  folder: string,
  { onProgress }: Pick<Terminal, 'onProgress'>,
): Promise<void> {
  const checkpoint = await openFile(options.checkpoint)
  try {
    const configText = await readText(options.config)
    const decomposition = await readDecomposition({
      checkpoint,
      config: { name: basename(options.config), text: configText },
      target: { name: basename(options.target), text: await readText(options.target) },
    })
    const total = checkpoint.byteLength
    const hashed = await hashFile(options.checkpoint, (done) => {
      onProgress({ label: 'hashing the checkpoint', done, total, unit: 'bytes' })
    })
    const request = {
      decomposition,
      tokenizer: { name: basename(options.tokenizer), text: await readText(options.tokenizer) },
      precision: options.precision,
      id,
      title: options.title ?? id,
      version: atlasVersion(),
      checkpoint: { name: checkpoint.name, bytes: total, sha256: hashed },
      config: { name: basename(options.config), sha256: await hashFile(options.config) },
    }
    await writeModelBundle(request, (path, bytes) => writeFileAtomically(join(folder, path), bytes), onProgress)
  } finally {
    await checkpoint.close()
  }
}

/** A folder that is no bundle may be somebody's work. */
async function assertReplaceable(folder: string): Promise<void> {
  if (!(await exists(folder))) return
  const manifest = join(folder, 'manifest.json')
  if (!(await exists(manifest))) {
    throw new AtlasError('arguments/invalid', `--out ${folder}: exists and is no bundle, it has no manifest.json`)
  }
  readManifest(await readText(manifest), folder)
}

async function putInPlace(partial: string, folder: string): Promise<void> {
  const replaced = `${partial}.replaced`
  await mkdir(resolve(folder, '..'), { recursive: true })
  const isReplacing = await exists(folder)
  if (isReplacing) await rename(folder, replaced)
  await rename(partial, folder)
  if (isReplacing) await rm(replaced, { recursive: true })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

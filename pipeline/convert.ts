import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { readManifest } from '../core/bundle/manifest.ts'
import { writeModelBundle } from '../core/bundle/writeModelBundle.ts'
import { readDecomposition } from '../core/decomposition/readDecomposition.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import type { Precision } from '../core/graph/WeightPlan.ts'
import { atlasVersion } from './node/atlasVersion.ts'
import { hashFile, openFile, readText, writeFileAtomically } from './node/files.ts'
import { assertReplaceable, replaceFolder } from './node/replaceFolder.ts'
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

const MANIFEST = 'manifest.json'

/** Writes the bundle of a run into `options.out`, whole or not at all. */
export async function convert(options: ConvertOptions, terminal: Pick<Terminal, 'tell' | 'onProgress'>): Promise<void> {
  const id = options.id ?? basename(resolve(options.out))
  if (!/^[\w.-]+$/.test(id)) {
    throw new AtlasError('arguments/invalid', `--id "${id}": expected letters, digits, ".", "_" and "-"`)
  }
  await assertBundleOrNothing(options.out)
  await replaceFolder(options.out, (folder) => writeBundle(options, id, folder, terminal))
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

/** Other things than bundles have a manifest.json too. */
async function assertBundleOrNothing(folder: string): Promise<void> {
  await assertReplaceable(folder, MANIFEST, '--out')
  const manifest = join(folder, MANIFEST)
  if (existsSync(manifest)) readManifest(await readText(manifest), folder)
}

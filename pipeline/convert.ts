import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { readManifest } from '../core/bundle/manifest.ts'
import { type Pruning, writeModelBundle } from '../core/bundle/writeModelBundle.ts'
import type { Decomposition } from '../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../core/decomposition/readDecomposition.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { type GraphPrecision, type Precision, uniformPrecision } from '../core/graph/Precision.ts'
import { keepActive } from './convert/keepActive.ts'
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
  /** Of V, U, the CI functions and the target model, where none below says another; i8 leaves the target model f16. */
  readonly precision: Precision
  readonly precisionV?: Precision
  readonly precisionU?: Precision
  readonly precisionCi?: Precision
  readonly precisionTarget?: GraphPrecision['target']
  /** A bundle with an index, or a harvest, of the same checkpoint: subcomponents that never fired in it are left out. */
  readonly keepActive?: string
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
  { tell, onProgress }: Pick<Terminal, 'tell' | 'onProgress'>,
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
      precision: readPrecision(options, decomposition),
      pruning: await readPruning(options, decomposition, hashed, tell),
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

/** CI functions of kind mlp are stored exactly: they are small, and alone decide which subcomponents fire. */
function readPrecision(
  { precision, precisionV, precisionU, precisionCi, precisionTarget }: ConvertOptions,
  { run }: Decomposition,
): GraphPrecision {
  if (run.ciKind === 'mlp' && precisionCi !== undefined && precisionCi !== 'f32') {
    throw new AtlasError(
      'arguments/invalid',
      `--precision-ci ${precisionCi}: the run's CI functions are of kind mlp, stored as f32 always`,
    )
  }
  const uniform = uniformPrecision(precision)
  return {
    target: precisionTarget ?? uniform.target,
    v: precisionV ?? uniform.v,
    u: precisionU ?? uniform.u,
    ci: precisionCi ?? uniform.ci,
  }
}

/** Null where nothing is to be left out, and where nothing is found that could be. */
async function readPruning(
  { keepActive: folder }: ConvertOptions,
  decomposition: Decomposition,
  checkpointSha256: string,
  tell: Terminal['tell'],
): Promise<Pruning | null> {
  if (folder === undefined) return null
  const pruning = await keepActive(folder, decomposition, checkpointSha256)
  const total = decomposition.modules.reduce((sum, { C }) => sum + C, 0)
  const kept = pruning.kept.reduce((sum, { length }) => sum + length, 0)
  tell(`${folder}: ${kept} of ${total} subcomponents fired, the others are left out of the graphs`)
  return kept === total ? null : pruning
}

/** Other things than bundles have a manifest.json too. */
async function assertBundleOrNothing(folder: string): Promise<void> {
  await assertReplaceable(folder, MANIFEST, '--out')
  const manifest = join(folder, MANIFEST)
  if (existsSync(manifest)) readManifest(await readText(manifest), folder)
}

import { join } from 'node:path'
import type { Evaluation, Manifest } from '../core/bundle/manifest.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { assertReference } from './evaluate/assertReference.ts'
import { measureBundle, passCount } from './evaluate/measureBundle.ts'
import type { EvaluatedBundle } from './evaluate/openMaskedPair.ts'
import { type HeldOutStories, readHeldOutStories } from './evaluate/readHeldOutStories.ts'
import { writeFileAtomically } from './node/files.ts'
import { type BundleFolder, openBundleFolder } from './node/openBundleFolder.ts'
import { readBundleWeights } from './node/readBundleWeights.ts'
import type { StorySeparator } from './stories/Story.ts'
import type { Terminal } from './Terminal.ts'

export interface EvaluateOptions {
  readonly bundle: string
  readonly stories: readonly string[]
  /** The same run whole and in float32, against which causal importances are compared. */
  readonly reference?: string
  /** Field or column of the stories' text. */
  readonly field: string
  readonly separator?: StorySeparator
  readonly limitPositions: number
  /** Of activity (default: that of the bundle's index, else 0.01). */
  readonly threshold?: number
  readonly threads?: number
}

const DEFAULT_THRESHOLD = 0.01

/** Measures a bundle on held-out stories and writes what it finds into the bundle's manifest, all of it or nothing. */
export async function evaluate(
  options: EvaluateOptions,
  { tell, onProgress }: Pick<Terminal, 'tell' | 'onProgress'>,
): Promise<void> {
  const bundle = await openBundleFolder(options.bundle)
  const { manifest } = bundle
  const threshold = options.threshold ?? manifest.corpus?.threshold ?? DEFAULT_THRESHOLD
  const reference = await openReference(options, manifest)
  const { field, separator, limitPositions } = options
  const corpus = await readHeldOutStories(bundle, options.stories, { field, separator, limitPositions })
  tellOverlap(manifest, corpus, tell)
  const total = corpus.positionCount * passCount(manifest.modules.length)
  let done = 0
  const onPositions = (count: number): void => {
    done += count
    onProgress({ label: 'evaluating', done, total, unit: 'positions' })
  }
  const measured = await measureBundle(
    await openForEvaluation(bundle, options, threshold),
    reference === null ? null : await openForEvaluation(reference, options, threshold),
    { stories: corpus.stories, onPositions },
  )
  const evaluation: Evaluation = {
    sources: corpus.sources,
    stories: corpus.stories.length,
    positions: corpus.positionCount,
    threshold,
    ...measured,
  }
  await writeEvaluation(options.bundle, manifest, evaluation)
  tell(`${options.bundle}: ${describe(evaluation)}`)
}

async function openReference({ reference }: EvaluateOptions, manifest: Manifest): Promise<BundleFolder | null> {
  if (reference === undefined) return null
  const bundle = await openBundleFolder(reference)
  assertReference(manifest, bundle.manifest, reference)
  return bundle
}

/** Stories an index was made from are not held out from it; that they were from training, only who trained can know. */
function tellOverlap({ corpus }: Manifest, { sources }: HeldOutStories, tell: Terminal['tell']): void {
  if (corpus?.source !== 'stories') return
  const indexed = new Set(corpus.sources.map(({ sha256 }) => sha256))
  for (const { name, sha256 } of sources) {
    if (indexed.has(sha256)) tell(`${name}: the index was made from this very file`)
  }
}

async function openForEvaluation(
  bundle: BundleFolder,
  { threads }: EvaluateOptions,
  threshold: number,
): Promise<EvaluatedBundle> {
  return { bundle, readWeight: await readBundleWeights(bundle, 'observe'), threshold, threads: threads ?? null }
}

/** Reads the manifest again, so that an index made in the meantime stays; refuses where the graphs are others. */
async function writeEvaluation(folder: string, measured: Manifest, evaluation: Evaluation): Promise<void> {
  const { manifest } = await openBundleFolder(folder)
  if (graphFilesOf(manifest) !== graphFilesOf(measured)) {
    throw new AtlasError('bundle/corrupt', `${folder}: its graphs were replaced while they were evaluated`)
  }
  const text = `${JSON.stringify({ ...manifest, evaluation }, null, 2)}\n`
  await writeFileAtomically(join(folder, 'manifest.json'), text)
}

function graphFilesOf({ graphs, files }: Manifest): string {
  const paths: readonly string[] = [graphs.observe, graphs.intervene, ...graphs.weights]
  return files.flatMap(({ path, sha256 }) => (paths.includes(path) ? [`${path} ${sha256}`] : [])).join(', ')
}

function describe({ stories, positions, ci_masked_kl, ci_error }: Evaluation): string {
  const kl = `KL CI-masked ${ci_masked_kl.toPrecision(4)} nats a position`
  const sample = `${stories} stories, ${positions} positions`
  if (ci_error === null) return `${sample}: ${kl}`
  const flips = `${(100 * ci_error.flip_share).toPrecision(3)} % of firing decisions flip`
  return `${sample}: ${kl}; CI off by at most ${ci_error.max.toPrecision(3)}, ${ci_error.mean.toPrecision(3)} on average, ${flips}`
}

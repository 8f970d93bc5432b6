import { parseArgs } from 'node:util'
import { type KeptSubcomponents, readKept } from '../core/bundle/keptSubcomponents.ts'
import type { Manifest } from '../core/bundle/manifest.ts'
import type { GraphTensor } from '../core/graph/InferenceSession.ts'
import { IDS } from '../core/graph/ports.ts'
import { GraphBuilder } from '../core/onnx/GraphBuilder.ts'
import { matMul, sumOver } from '../core/onnx/operators.ts'
import { createOpenSession } from '../pipeline/node/createOpenSession.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../pipeline/node/openBundleSession.ts'

/**
 * Positions a second of the whole `observe` graph, inner activations and causal importances among its outputs:
 *   npx tsx bench/observe.ts [--threads 2] [--seconds 8] [--rows 128,256,512] <bundle> [<bundle> ...]
 * Stories are of 128 random tokens. The matrix peak is the best of ONNX Runtime's own MatMul, measured before each run;
 * of a pass only its matrix products count (target model, V, CI functions), not the rest of its arithmetic.
 */
const STORY_LENGTH = 128
const { values: options, positionals: bundles } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '8' },
    rows: { type: 'string', default: '128,256,512' },
  },
})
const threads = Number(options.threads)
const milliseconds = 1000 * Number(options.seconds)
if (bundles.length === 0) {
  console.error('usage: bench/observe.ts [--threads 2] [--seconds 8] [--rows 128,256,512] <bundle> [<bundle> ...]')
  process.exit(2)
}

console.log(
  '| run | kind | subcomponents | rows a batch | positions/s, best | median | matrix GFLOP/s | share of peak | memory, MB |',
)
console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|')
for (const path of bundles) {
  const { manifest } = await openBundleFolder(path)
  const subcomponents = manifest.modules.reduce((sum, module) => sum + readKept(module).count, 0)
  for (const rows of options.rows.split(',').map(Number)) {
    const peak = await measurePeak()
    const times = await measureObserve(path, manifest, rows)
    const flops = 2 * rows * productsPerPosition(manifest)
    const best = times[0] ?? Number.NaN
    const reached = flops / best / 1e6
    const cells = [
      manifest.id,
      manifest.run.ci_kind,
      subcomponents,
      rows,
      ((1000 * rows) / best).toFixed(0),
      ((1000 * rows) / (times[times.length >> 1] ?? Number.NaN)).toFixed(0),
      reached.toFixed(0),
      `${((100 * reached) / peak).toFixed(0)} % of ${peak.toFixed(0)}`,
      (process.memoryUsage().rss / 1e6).toFixed(0),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

/** Milliseconds of each pass over `rows` positions, ascending. */
async function measureObserve(path: string, { target_model }: Manifest, rows: number): Promise<number[]> {
  const session = await openBundleSession(await openBundleFolder(path), 'observe', { outputs: null, threads })
  const length = Math.min(STORY_LENGTH, rows, target_model.context_length)
  const count = Math.round(rows / length)
  const ids: GraphTensor = {
    type: 'int64',
    data: BigInt64Array.from({ length: count * length }, (_, i) => BigInt((i * 7919) % target_model.vocabulary_size)),
    dims: [count, length],
  }
  const times = await repeat(async () => {
    await session.run({ [IDS]: ids })
  })
  await session.close()
  return times
}

/** Multiplications and additions of one pair each that the matrices of a pass need at one position. */
function productsPerPosition({ run, target_model, modules }: Manifest): number {
  const target = target_model.parameters
  const perModule = modules.map((module) => {
    const kept = readKept(module)
    const inputs = module.role === 'embedding' ? 0 : module.d_in
    return inputs * kept.count + ciProducts(run, inputs, kept)
  })
  return perModule.reduce((sum, products) => sum + products, target)
}

function ciProducts(run: Manifest['run'], inputs: number, { count }: KeptSubcomponents): number {
  const hidden = run.ci_hidden
  const products = (widths: readonly number[]): number =>
    widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i] ?? 0), 0)
  switch (run.ci_kind) {
    // Numbers times vectors and sums of products a subcomponent are no matrix products.
    case 'mlp':
      return 0
    case 'vector_mlp':
      return count * products([inputs, ...hidden])
    case 'shared_mlp':
      return products([inputs, ...hidden, count])
  }
}

/** The machine's matrix peak on these threads, GFLOP/s: a product in the shape of CI functions and a large square one. */
async function measurePeak(): Promise<number> {
  let peak = 0
  for (const [m, k, n] of [
    [256, 128, 1200],
    [1024, 1024, 1024],
  ] as const) {
    const g = new GraphBuilder('peak')
    const product = matMul(g, g.input('a', 'float32', [m, k]), g.input('b', 'float32', [k, n]))
    g.output('sums', sumOver(g, product, 0), [n])
    const session = await createOpenSession(threads)(g.write(), [])
    const random = (...dims: number[]): GraphTensor => {
      const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => Math.random() - 0.5)
      return { type: 'float32', data, dims }
    }
    const feeds = { a: random(m, k), b: random(k, n) }
    const [best = Number.NaN] = await repeat(() => session.run(feeds), Math.min(1500, milliseconds))
    await session.close()
    peak = Math.max(peak, (2 * m * k * n) / best / 1e6)
  }
  return peak
}

/** Milliseconds of each run, ascending, after one that warms up. */
async function repeat(run: () => Promise<unknown>, atLeast = milliseconds): Promise<number[]> {
  await run()
  const times: number[] = []
  for (const end = performance.now() + atLeast; performance.now() < end || times.length < 3; ) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)
}

import { readFile } from 'node:fs/promises'
import { ciBiasName, ciWeightName, IDS, innerActivationPort } from '../core/graph/ports.ts'
import { createScalarCiFunction, isScalarSigmoid } from '../core/inference/createScalarCiFunction.ts'
import { floatOutput } from '../core/inference/floatOutput.ts'
import { nearestInactive, scalarMlpOf } from '../core/inference/nearestInactive.ts'
import { scalarPreSigmoid } from '../core/inference/scalarPreSigmoid.ts'
import { createScalarTables, importanceOf } from '../core/inference/scalarTables.ts'
import { storyIds } from '../core/inference/storyIds.ts'
import { binOf, levelsWith } from '../core/statistics/levels.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../pipeline/node/openBundleSession.ts'
import { readBundleWeights } from '../pipeline/node/readBundleWeights.ts'

/**
 * What the CI functions of kind mlp cost a position outside the graph, without and with tables, on one thread:
 *   npx tsx bench/causalImportance.ts <bundle> <stories.jsonl> [stories = 5]
 * By processor time, the least of several rounds, so that other work on the machine counts less.
 */
const ROUNDS = 10
const THRESHOLD = 0.01
const [folder, storiesFile, storyCount = '5'] = process.argv.slice(2)
if (folder === undefined || storiesFile === undefined) {
  console.error('usage: bench/causalImportance.ts <bundle of kind mlp> <stories.jsonl> [stories]')
  process.exit(2)
}

const bundle = await openBundleFolder(folder)
const { modules, target_model, run, tokenizer } = bundle.manifest
const sigmoid = run.sigmoid_type
if (run.ci_kind !== 'mlp' || !isScalarSigmoid(sigmoid)) throw new Error(`${folder}: CI of kind ${run.ci_kind}`)
const { encode } = createTokenizer(new TextDecoder().decode(await bundle.read(tokenizer)))
const lines = (await readFile(storiesFile, 'utf8')).split('\n').slice(0, Number(storyCount))
const stories = lines.map((line) => storyIds(encode(JSON.parse(line).story).ids, target_model))
const positions = stories.reduce((sum, { data }) => sum + data.length, 0)
const levels = levelsWith(THRESHOLD)

const paths = modules.map(({ path }) => innerActivationPort(path))
const session = await openBundleSession(bundle, 'observe', { outputs: paths, threads: 1 })
const outputs: Awaited<ReturnType<typeof session.run>>[] = []
for (const story of stories) outputs.push(await session.run({ [IDS]: story }))

const readWeight = await readBundleWeights(bundle, 'observe')
const loaded = modules.map(({ path, c: C }) => {
  const layers = run.ci_hidden.concat(1).map((_, layer) => {
    return { W: readWeight(ciWeightName(path, layer)).data, b: readWeight(ciBiasName(path, layer)).data }
  })
  const weights = { C, layers }
  const blocks = outputs.map((output) => Float32Array.from(floatOutput(output, innerActivationPort(path))))
  return { weights, blocks, preSigmoid: scalarPreSigmoid(weights), inactive: nearestInactive(weights) }
})
const memoryBefore = process.memoryUsage().arrayBuffers
const prepareStart = milliseconds()
const ciFunctions = loaded.map(({ weights }) => createScalarCiFunction(weights, sigmoid, levels))
const prepareMs = milliseconds() - prepareStart
const firstMs = timeOnce(bySparse)

const [values, looked, exact] = countReached()
console.log(`${modules.reduce((sum, { c }) => sum + c, 0)} subcomponents, ${positions} positions, one thread\n`)
console.log('| causal importances | microseconds a position |\n|---|---:|')
printRow(
  'exact outside one interval, dense',
  least(() => exactDense(() => {})),
)
printRow('by tables, dense', least(byDense))
printRow('by tables, sparse', least(bySparse))
console.log(`
${((100 * looked) / values).toFixed(2)} % of the values reach a table, ${((100 * exact) / values).toFixed(3)} % the exact function
${prepareMs.toFixed(0)} ms to prepare; the first round, which makes the tables, ${firstMs.toFixed(0)} ms
${((process.memoryUsage().arrayBuffers - memoryBefore) / 1e6).toFixed(0)} MB held after it, what it gives out included
`)
printDifference()

/** Calls `found` with the CI of each value that is not certainly 0, in dense arrays as `evaluate` gives them. */
function exactDense(found: (dense: Float32Array, module: number, block: number) => void): void {
  for (const [m, { weights, blocks, preSigmoid, inactive }] of loaded.entries()) {
    const { C } = weights
    for (const [b, block] of blocks.entries()) {
      const dense = new Float32Array(block.length)
      for (let row = 0; row < block.length; row += C) {
        for (let c = 0; c < C; c++) {
          const h = block[row + c] ?? 0
          if (h >= (inactive.starts[c] ?? 0) && h <= (inactive.ends[c] ?? 0)) continue
          dense[row + c] = importance(preSigmoid(c, h))
        }
      }
      found(dense, m, b)
    }
  }
}

function importance(gamma: number): number {
  if (gamma <= 0) return 0
  return gamma <= 1 ? gamma : 1 + (sigmoid === 'upper_leaky_hard' ? 0.01 : 0) * (gamma - 1)
}

function byDense(): void {
  for (const [m, { weights, blocks }] of loaded.entries()) {
    for (const block of blocks) ciFunctions[m]?.evaluate(block, block.length / weights.C)
  }
}

function bySparse(): void {
  for (const [m, { weights, blocks }] of loaded.entries()) {
    for (const block of blocks) ciFunctions[m]?.evaluateSparse(block, block.length / weights.C)
  }
}

/** How many values there are, lie outside their interval, and are computed exactly. */
function countReached(): [values: number, looked: number, exact: number] {
  const counts: [number, number, number] = [0, 0, 0]
  for (const { weights, blocks, preSigmoid, inactive } of loaded) {
    const exactly = (c: number, h: number): number => {
      counts[2] += 1
      return importance(preSigmoid(c, h))
    }
    const saturates = sigmoid !== 'upper_leaky_hard'
    const mlpOf = (c: number) => scalarMlpOf(weights, c)
    const tables = createScalarTables({ C: weights.C, mlpOf, exact: exactly, saturates, levels })
    for (const block of blocks) {
      counts[0] += block.length
      for (const [i, h] of block.entries()) {
        const c = i % weights.C
        if (h >= (inactive.starts[c] ?? 0) && h <= (inactive.ends[c] ?? 0)) continue
        counts[1] += 1
        importanceOf(tables, c, h)
      }
    }
  }
  return counts
}

/** The tables against the exact function, over all the values. */
function printDifference(): void {
  let largest = 0
  let otherBins = 0
  exactDense((dense, m, b) => {
    const { weights, blocks } = loaded[m] ?? {}
    const block = blocks?.[b] ?? new Float32Array(0)
    const found = ciFunctions[m]?.evaluate(block, block.length / (weights?.C ?? 1)) ?? dense
    for (const [i, ci] of dense.entries()) {
      largest = Math.max(largest, Math.abs(ci - (found[i] ?? Number.NaN)))
      if (binOf(ci, levels) !== binOf(found[i] ?? Number.NaN, levels)) otherBins += 1
    }
  })
  console.log(
    `largest difference of the two ${largest.toExponential(1)}; ${otherBins} values on another side of a level`,
  )
}

function least(pass: () => void): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => timeOnce(pass)))
}

function timeOnce(pass: () => void): number {
  const start = milliseconds()
  pass()
  return milliseconds() - start
}

function milliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function printRow(name: string, ms: number): void {
  console.log(`| ${name} | ${((1000 * ms) / positions).toFixed(0)} |`)
}

import { readFile } from 'node:fs/promises'
import type { InferenceSession } from '../core/graph/InferenceSession.ts'
import { causalImportancePort, IDS, innerActivationPort } from '../core/graph/ports.ts'
import { floatOutput } from '../core/inference/floatOutput.ts'
import { readScalarCiFunction } from '../core/inference/readScalarCiFunction.ts'
import { storyIds } from '../core/inference/storyIds.ts'
import { createTokenizer } from '../core/tokenizer/createTokenizer.ts'
import { openBundleFolder } from '../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../pipeline/node/openBundleSession.ts'
import { readBundleWeights } from '../pipeline/node/readBundleWeights.ts'

/**
 * Positions a second with the CI functions in the graph and outside it, on one thread:
 *   npx tsx bench/causalImportance.ts public/runs/demo stories.jsonl
 * The first 20 stories, by processor time, so that other work on the machine counts less.
 */
const STORIES = 20
const ROUNDS = 3
const [folder, storiesFile] = process.argv.slice(2)
if (folder === undefined || storiesFile === undefined) {
  console.error('usage: bench/causalImportance.ts <bundle of kind mlp> <stories.jsonl>')
  process.exit(2)
}

const bundle = await openBundleFolder(folder)
const { modules, target_model, run, tokenizer } = bundle.manifest
const { encode } = createTokenizer(new TextDecoder().decode(await bundle.read(tokenizer)))
const lines = (await readFile(storiesFile, 'utf8')).split('\n').slice(0, STORIES)
const stories = lines.map((line) => storyIds(encode(JSON.parse(line).story).ids, target_model))
const positions = stories.reduce((sum, { data }) => sum + data.length, 0)

const readWeight = await readBundleWeights(bundle, 'observe')
const buildStart = process.cpuUsage()
const ciFunctions = modules.map((module) => readScalarCiFunction(run, module, readWeight))
const buildMs = millisecondsSince(buildStart)

const inner = modules.map(({ path }) => innerActivationPort(path))
const importances = modules.map(({ path }) => causalImportancePort(path))
const whole = await openBundleSession(bundle, 'observe', { outputs: [...inner, ...importances], threads: 1 })
const pruned = await openBundleSession(bundle, 'observe', { outputs: inner, threads: 1 })

let largestDifference = 0
for (const story of stories) {
  const outputs = await whole.run({ [IDS]: story })
  for (const [i, ciFunction] of ciFunctions.entries()) {
    if (ciFunction === null) throw new Error(`${folder}: its CI functions are not of kind mlp`)
    const outside = ciFunction.evaluate(floatOutput(outputs, inner[i] ?? ''), story.data.length)
    for (const [j, ci] of floatOutput(outputs, importances[i] ?? '').entries()) {
      largestDifference = Math.max(largestDifference, Math.abs(ci - (outside[j] ?? Number.NaN)))
    }
  }
}
const withoutCi = await measure(pruned, false)
console.log(`${positions} positions of ${stories.length} stories, one thread, processor time\n`)
console.log('| causal importances | positions a second | microseconds a position |')
console.log('|---|---:|---:|')
printRow('none, inner activations only', withoutCi)
printRow('in the graph', await measure(whole, false))
printRow('outside the graph', await measure(pruned, true))
console.log(
  `\nlargest difference of the two ${largestDifference.toExponential(1)}; outside, ${buildMs.toFixed(0)} ms to prepare`,
)

async function measure(session: InferenceSession, evaluatesCi: boolean): Promise<number> {
  await pass(session, evaluatesCi)
  const start = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round++) await pass(session, evaluatesCi)
  return (1000 * millisecondsSince(start)) / (ROUNDS * positions)
}

async function pass(session: InferenceSession, evaluatesCi: boolean): Promise<void> {
  for (const story of stories) {
    const outputs = await session.run({ [IDS]: story })
    if (!evaluatesCi) continue
    for (const [i, ciFunction] of ciFunctions.entries()) {
      ciFunction?.evaluate(floatOutput(outputs, inner[i] ?? ''), story.data.length)
    }
  }
}

function millisecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

function printRow(name: string, microseconds: number): void {
  console.log(`| ${name} | ${Math.round(1e6 / microseconds)} | ${microseconds.toFixed(0)} |`)
}

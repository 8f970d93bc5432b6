import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Precision } from '../core/graph/Precision.ts'
import { type ConvertOptions, convert } from '../pipeline/convert.ts'

/**
 * Seconds and peak memory of `convert`, in a fresh process:
 *   npx tsx bench/convert.ts training/runs/demo [f32|f16|i8]
 * The folder holds model_<step>.pth or .safetensors, final_config.yaml and, there or in target/, the target model's
 * config.json (or target_config.json) and tokenizer.json.
 */
const MEGABYTE = 1e6
const [folder, asked = 'f32'] = process.argv.slice(2)
const precision = (['f32', 'f16', 'i8'] as const).find((known) => known === asked)
if (folder === undefined || precision === undefined) {
  console.error('usage: bench/convert.ts <folder of a run> [f32|f16|i8]')
  process.exit(2)
}

const out = await mkdtemp(join(tmpdir(), 'atlas-bench-'))
const run = runIn(folder, join(out, 'bundle'), precision)
const before = peakMegabytes()
const start = performance.now()
await convert(run, { tell: () => undefined, onProgress: () => undefined })
const seconds = (performance.now() - start) / 1000
const files = readdirSync(run.out, { recursive: true, encoding: 'utf8' }).map((path) => statSync(join(run.out, path)))
const written = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
await rm(out, { recursive: true })

console.log('| run | checkpoint, MB | bundle, MB | seconds | peak memory, MB | of which before the work, MB |')
console.log('|---|---:|---:|---:|---:|---:|')
const sizes = [statSync(run.checkpoint).size / MEGABYTE, written / MEGABYTE].map((size) => size.toFixed(1))
const memory = [peakMegabytes(), before].map((size) => size.toFixed(0))
console.log(`| ${folder}, ${precision} | ${sizes.join(' | ')} | ${seconds.toFixed(2)} | ${memory.join(' | ')} |`)

/** Largest resident set of this process so far. */
function peakMegabytes(): number {
  return (process.resourceUsage().maxRSS * 1024) / MEGABYTE
}

function runIn(path: string, bundle: string, storage: Precision): ConvertOptions {
  const find = (...names: readonly string[]): string => {
    const found = names.map((name) => join(path, name)).find(existsSync)
    if (found === undefined) throw new Error(`${path}: none of ${names.join(', ')}`)
    return found
  }
  const checkpoint = readdirSync(path).find((name) => /^model_\d+\.(pth|safetensors)$/.test(name)) ?? 'model_<step>.pth'
  return {
    checkpoint: find(checkpoint),
    config: find('final_config.yaml'),
    target: find('target/config.json', 'target_config.json', 'config.json'),
    tokenizer: find('target/tokenizer.json', 'tokenizer.json'),
    out: bundle,
    precision: storage,
  }
}

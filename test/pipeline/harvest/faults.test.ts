import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { convertOracle, STORIES } from '../harvestedOracle.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const cli = fileURLToPath(new URL('../../../pipeline/cli.ts', import.meta.url))
let folder: string
let bundle: string
let whole: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-faults-'))
  bundle = join(folder, 'bundle')
  whole = join(folder, 'whole')
  await convertOracle('llama-mlp', 'model_1000.pth', bundle)
  expect((await run(harvestArgs(whole))).exitCode).toBe(0)
})
afterAll(() => rm(folder, { recursive: true }))

/** Three parts on one thread. */
function harvestArgs(out: string): string[] {
  const options = { bundle, stories: STORIES, out, 'part-stories': '10', 'limit-positions': '1200', threads: '1' }
  return ['harvest', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])]
}

function start(args: readonly string[], shell = ''): ChildProcess {
  const command = [process.execPath, '--import', 'tsx', cli, ...args]
  return spawn('bash', ['-c', `${shell} exec "$@"`, 'bash', ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function run(args: readonly string[], shell?: string): Promise<{ exitCode: number | null; told: string }> {
  const child = start(args, shell)
  let told = ''
  child.stderr?.on('data', (data) => {
    told += data
  })
  const [exitCode] = await once(child, 'close')
  return { exitCode, told }
}

/** Starts the command, and kills it as soon as `isTime`; false where it ended before. */
async function killWhen(args: readonly string[], isTime: () => boolean): Promise<boolean> {
  const child = start(args)
  child.stderr?.resume()
  const closed = once(child, 'close')
  while (!isTime() && child.exitCode === null) await setImmediate()
  child.kill('SIGKILL')
  await closed
  return child.signalCode === 'SIGKILL'
}

/** None where there is no such folder: the harvest that is watched makes and removes them meanwhile. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

async function expectWhole(out: string): Promise<void> {
  const names = (await readdir(whole)).sort()
  expect((await readdir(out)).sort()).toEqual(names)
  for (const name of names) {
    const [found, expected] = await Promise.all([out, whole].map((path) => readFile(join(path, name))))
    expect(found?.equals(expected ?? Buffer.alloc(0)), name).toBe(true)
  }
}

test('a harvest killed again and again goes on to the same bytes', async () => {
  const out = join(folder, 'killed')
  const parts = `${out}.parts`
  const isPartial = (part: string) => namesIn(parts).some((name) => name.startsWith(`${part}.`))
  const spilled = (part: string): boolean => {
    const partial = namesIn(parts).find((name) => name.startsWith(`${part}.`))
    return partial !== undefined && namesIn(join(parts, partial)).includes('spill')
  }
  // In the first part before and after its files come, between two parts, in the last part, and while merging.
  expect(await killWhen(harvestArgs(out), () => isPartial('part-000000'))).toBe(true)
  expect(namesIn(parts)).not.toContain('part-000000')
  expect(await killWhen(harvestArgs(out), () => spilled('part-000000'))).toBe(true)
  expect(await killWhen(harvestArgs(out), () => namesIn(parts).includes('part-000000'))).toBe(true)
  expect(await killWhen(harvestArgs(out), () => spilled('part-000002'))).toBe(true)
  expect(namesIn(parts)).toContain('part-000000')
  const isMerging = () => namesIn(folder).some((name) => /^killed\.\d+\.tmp$/.test(name))
  expect(await killWhen(harvestArgs(out), isMerging)).toBe(true)
  expect(existsSync(out)).toBe(false)
  const { exitCode, told } = await run(harvestArgs(out))
  expect(exitCode).toBe(0)
  expect(told).toContain('parts are there already')
  await expectWhole(out)
  // Neither parts nor anything half written is left.
  expect(namesIn(folder).filter((name) => name.startsWith('killed'))).toEqual(['killed'])
})

test('what cannot be written is told with its path, and nothing half written keeps its name', async () => {
  const out = join(folder, 'full')
  // Files of at most 8 blocks of 1,024 bytes: the sampled positions of a part have more.
  const { exitCode, told } = await run(harvestArgs(out), 'ulimit -f 8;')
  expect(exitCode).toBe(3)
  expect(told).toMatch(/full\.parts\/part-000000\.\d+\.tmp\/spill\/[\w-]+: cannot be written \(EFBIG\)/)
  expect(told).toContain('full.parts: the parts that are whole stay; the same command goes on from there')
  expect(namesIn(`${out}.parts`)).toEqual([])
  expect((await run(harvestArgs(out))).exitCode).toBe(0)
  await expectWhole(out)
})

test('a part cut off on disk is found by merge, and run again by harvest', async () => {
  const out = join(folder, 'cut')
  const shard = [...harvestArgs(out), '--shard', '0/1']
  expect((await run(shard)).exitCode).toBe(0)
  const counts = join(`${out}.parts`, 'part-000001/counts-0.bin')
  await truncate(counts, 100)
  const merged = await run(['merge', '--out', out, `${out}.parts`])
  expect(merged.exitCode).toBe(3)
  expect(merged.told).toMatch(/part-000001: damaged \(.*counts-0\.bin: 100 bytes, expected \d+\)/)
  expect(existsSync(out)).toBe(false)
  const again = await run(shard)
  expect(again.told).toMatch(/counts-0\.bin: 100 bytes, expected \d+; the part is run again/)
  expect((await run(['merge', '--out', out, '--remove-parts', `${out}.parts`])).exitCode).toBe(0)
  expect(namesIn(`${out}.parts`)).toEqual([])
  await expectWhole(out)
})

test('parts of other settings are refused and stay', async () => {
  const out = join(folder, 'other')
  expect((await run([...harvestArgs(out), '--shard', '0/3'])).exitCode).toBe(0)
  const before = namesIn(`${out}.parts`)
  const { exitCode, told } = await run([...harvestArgs(out), '--threshold', '0.5'])
  expect(exitCode).toBe(3)
  expect(told).toMatch(
    /part-000000: a part of another harvest, which has settings\.threshold 0\.01, expected 0\.5\. Remove the folder/,
  )
  expect(namesIn(`${out}.parts`)).toEqual(before)
})

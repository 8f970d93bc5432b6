import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../core/bytes/bytesByteSource.ts'
import type { CiKind, Decomposition } from '../../core/decomposition/Decomposition.ts'
import { readDecomposition } from '../../core/decomposition/readDecomposition.ts'
import { causalImportancePort, IDS } from '../../core/graph/ports.ts'
import { floatOutput } from '../../core/inference/floatOutput.ts'
import { planFiring } from '../../core/synthesis/planFiring.ts'
import { createTokenizer } from '../../core/tokenizer/createTokenizer.ts'
import { convert } from '../../pipeline/convert.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { openBundleSession } from '../../pipeline/node/openBundleSession.ts'
import { registerSynthesize } from '../../pipeline/registerSynthesize.ts'
import { EXIT, runCommands } from '../../pipeline/runCommands.ts'

const SMALL = [
  ...['--layers', '2', '--width', '32', '--mlp-width', '44', '--c', '40', '--active', '0.4'],
  ...['--vocabulary', '300', '--context', '96', '--stories', '150', '--story-length', '50', '--threads', '1'],
]
const THRESHOLD = 0.01

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'synthesize-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** The exit code and what was told. */
async function run(...args: string[]): Promise<{ readonly exitCode: number; readonly told: string }> {
  const told: string[] = []
  const tell = (line: string): void => {
    told.push(line)
  }
  const terminal = { print: tell, tell, onProgress: () => undefined }
  const exitCode = await runCommands([registerSynthesize], ['synthesize', ...args], terminal)
  return { exitCode, told: told.join('\n') }
}

async function synthesize(name: string, ...args: string[]): Promise<string> {
  const out = join(folder, name)
  const { exitCode, told } = await run('--out', out, ...SMALL, ...args)
  expect(told).toMatch(/synthetic\/\w+-560-subcomponents-seed-\d, 224 of them active, 150 stories$/)
  expect(exitCode).toBe(EXIT.done)
  return out
}

const text = (...path: string[]): Promise<string> => readFile(join(...path), 'utf8')

async function readRun(path: string): Promise<Decomposition> {
  const bytes = new Uint8Array(await readFile(join(path, 'model_0.safetensors')))
  return readDecomposition({
    checkpoint: bytesByteSource(bytes, 'model_0.safetensors'),
    config: { name: 'final_config.yaml', text: await text(path, 'final_config.yaml') },
    target: { name: 'config.json', text: await text(path, 'config.json') },
  })
}

async function readStories(path: string): Promise<readonly { readonly story: string; readonly provenance: string }[]> {
  const lines = (await text(path, 'stories.jsonl')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** Share of the corpus' positions at which each subcomponent is active, by module path. */
async function measureDensities(path: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const bundlePath = `${path}-bundle`
  const files = { checkpoint: 'model_0.safetensors', config: 'final_config.yaml', target: 'config.json' }
  const at = (file: string): string => join(path, file)
  const inputs = { checkpoint: at(files.checkpoint), config: at(files.config), target: at(files.target) }
  const options = { ...inputs, tokenizer: at('tokenizer.json'), out: bundlePath, precision: 'f32' as const }
  await convert(options, { tell: () => undefined, onProgress: () => undefined })
  const bundle = await openBundleFolder(bundlePath)
  expect(bundle.manifest.target_model.name).toMatch(/^synthetic\//)
  const ports = bundle.manifest.modules.map((module) => causalImportancePort(module.path))
  const session = await openBundleSession(bundle, 'observe', { outputs: ports, threads: 1 })
  const tokenizer = createTokenizer(await text(path, 'tokenizer.json'))
  const firings = new Map(bundle.manifest.modules.map((module) => [module.path, new Array<number>(module.c).fill(0)]))
  let positions = 0
  for (const { story } of await readStories(path)) {
    const { ids } = tokenizer.encode(story)
    const outputs = await session.run({
      [IDS]: { type: 'int64', data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] },
    })
    for (const [module, counts] of firings) {
      for (const [i, importance] of floatOutput(outputs, causalImportancePort(module)).entries()) {
        const c = i % counts.length
        if (importance > THRESHOLD) counts[c] = (counts[c] ?? 0) + 1
      }
    }
    positions += ids.length
  }
  await session.close()
  return new Map([...firings].map(([module, counts]) => [module, counts.map((count) => count / positions)]))
}

describe.each([
  ['mlp', '12'],
  ['vector_mlp', '6,4'],
  ['shared_mlp', '24'],
  ['mlp', 'none'],
] satisfies [CiKind, string][])('a synthetic run of kind %s with hidden widths %s', (ciKind, hidden) => {
  let path = ''
  beforeAll(async () => {
    path = await synthesize(`${ciKind}-${hidden.replace(',', '-')}`, '--ci-kind', ciKind, '--hidden', hidden)
  }, 30_000)

  test('is a checkpoint in the public layout', async () => {
    const { run: description, target, modules } = await readRun(path)
    expect(description.ciKind).toBe(ciKind)
    expect(description.step).toBe(0)
    expect([target.width, target.vocabularySize, target.contextLength, target.blocks.length]).toEqual([32, 300, 96, 2])
    expect(modules.map(({ C }) => C)).toEqual(Array(14).fill(40))
  })

  test('converts, and its subcomponents fire as often as they were made to', async () => {
    const densities = await measureDensities(path)
    for (const [module, found] of densities) {
      const { active, dead } = planFiring(0, module, 40, 16)
      expect(dead.map((c) => found[c])).toEqual(dead.map(() => 0))
      expect(active.filter(({ subcomponent }) => found[subcomponent] === 0)).toEqual([])
      // What the first block's attention reads depends on the token alone: shares are sums of a few word frequencies.
      if (/layers\.0\.self_attn\.[qkv]_proj/.test(module)) continue
      for (const { subcomponent, density } of active.filter((each) => each.density > 0.003)) {
        expect((found[subcomponent] ?? 0) / density).toBeGreaterThan(0.9)
        expect((found[subcomponent] ?? 0) / density).toBeLessThan(1.1)
      }
    }
  })
})

describe('synthesize', () => {
  test('makes the same bytes from the same seed, and others from another', async () => {
    const hashes = async (path: string): Promise<string[]> => {
      const names = (await readdir(path)).sort()
      const files = await Promise.all(names.map((name) => readFile(join(path, name))))
      return files.map((bytes, i) => `${names[i]} ${createHash('sha256').update(bytes).digest('hex')}`)
    }
    const first = await hashes(await synthesize('first', '--seed', '5'))
    expect(first.map((line) => line.split(' ')[0])).toEqual([
      'config.json',
      'final_config.yaml',
      'model_0.safetensors',
      'stories.jsonl',
      'synthesis.json',
      'tokenizer.json',
    ])
    expect(await hashes(await synthesize('again', '--seed', '5'))).toEqual(first)
    const other = await hashes(await synthesize('other', '--seed', '6'))
    expect(other.filter((line) => first.includes(line))).toEqual([])
    expect((await readdir(folder)).filter((name) => name.includes('.tmp'))).toEqual([])
  })

  test('is called synthetic in every file, but for the tokenizer, whose words are made up', async () => {
    const path = await synthesize('named')
    const name = 'synthetic/mlp-560-subcomponents-seed-0'
    expect((await readRun(path)).run.targetName).toBe(name)
    expect(await text(path, 'final_config.yaml')).toMatch(/^# Synthetic: drawn at random by SPD Atlas from seed 0/)
    expect(JSON.parse(await text(path, 'config.json'))).toMatchObject({ _name_or_path: name })
    expect(JSON.parse(await text(path, 'synthesis.json'))).toMatchObject({ synthetic: true, name })
    expect(new Set((await readStories(path)).map(({ provenance }) => provenance))).toEqual(new Set([name]))
    const start = (await readFile(join(path, 'model_0.safetensors'))).subarray(8, 100).toString()
    expect(start).toContain(`{"__metadata__":{"synthetic":"${name}"}`)
  })

  test('says how faithful each module is', async () => {
    const path = await synthesize('faithful')
    const record: { modules: { module: string; active: number; faithfulness: number }[] } = JSON.parse(
      await text(path, 'synthesis.json'),
    )
    expect(record.modules.map(({ active }) => active)).toEqual(Array(14).fill(16))
    for (const { module, faithfulness } of record.modules) {
      // 40 read vectors span the 32 inputs of most modules, and not the 44 of down_proj: about 4/44 of it is left.
      const least = module.endsWith('down_proj') ? 0.03 : 0
      expect(faithfulness).toBeGreaterThan(least)
      expect(faithfulness).toBeLessThan(least + 0.17)
    }
  })

  test('takes active shares by module from .json and .csv', async () => {
    const shares = Object.fromEntries(
      ['q', 'k', 'v', 'o']
        .map((kind) => `self_attn.${kind}_proj`)
        .concat('mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj')
        .map((part, i) => [`model.layers.0.${part}`, i / 10]),
    )
    const rows = Object.entries(shares).map(([module, share]) => `${module},${share}`)
    await writeFile(join(folder, 'shares.json'), JSON.stringify(shares))
    await writeFile(join(folder, 'shares.csv'), `module,active\n${rows.join('\n')}\n`)
    const sizes = ['--layers', '1', '--width', '16', '--mlp-width', '20', '--vocabulary', '200']
    const corpus = ['--context', '64', '--stories', '20', '--story-length', '30', '--c', '20']
    const records = await Promise.all(
      ['shares.json', 'shares.csv'].map(async (file) => {
        const out = join(folder, `by-${file}`)
        const { exitCode } = await run('--out', out, ...sizes, ...corpus, '--active-per-module', join(folder, file))
        expect(exitCode).toBe(EXIT.done)
        return JSON.parse(await text(out, 'synthesis.json'))
      }),
    )
    expect(records[0].modules.map(({ active }: { active: number }) => active)).toEqual([0, 2, 4, 6, 8, 10, 12])
    expect(records[1]).toEqual(records[0])
  })

  test.each([
    ['a folder that is not its own', ['--out', tmpdir()], `--out ${tmpdir()}: exists and has no synthesis.json`],
    [
      'stories longer than the context',
      ['--out', '/nowhere', '--context', '64', '--story-length', '65'],
      '--story-length 65: expected at most the context of 64',
    ],
    [
      'an odd head width',
      ['--out', '/nowhere', '--width', '132'],
      '--width 132: expected an even multiple of the 4 heads',
    ],
    [
      'key heads that do not divide the heads',
      ['--out', '/nowhere', '--kv-heads', '3'],
      '--kv-heads 3: expected a divisor of the 4 heads',
    ],
    [
      'two ways to say what is active',
      ['--out', '/nowhere', '--preset', 'seed-report', '--active', '0.5'],
      "error: option '--active <share>' cannot be used with option '--preset <name>'",
    ],
    [
      'counts that are none',
      ['--out', '/nowhere', '--c-per-kind', '{"q_proj": 0}'],
      '--c-per-kind, q_proj: Invalid value: Expected >=1 but received 0',
    ],
    [
      'a vocabulary without words',
      ['--out', '/nowhere', '--vocabulary', '50'],
      'vocabulary of 50 tokens, expected at least 98',
    ],
  ])('refuses %s', async (_, args, message) => {
    const { exitCode, told } = await run(...args)
    expect(told).toBe(message)
    expect(exitCode).toBe(EXIT.badArguments)
  })

  test('refuses a table of shares with a row that is none', async () => {
    const file = join(folder, 'bad.csv')
    await writeFile(file, 'module,active\nmodel.layers.0.self_attn.q_proj,1.5\n')
    const { exitCode, told } = await run('--out', '/nowhere', '--active-per-module', file)
    expect(told).toBe(`${file}: row "model.layers.0.self_attn.q_proj,1.5", expected a module and a share from 0 to 1`)
    expect(exitCode).toBe(EXIT.badArguments)
  })
})

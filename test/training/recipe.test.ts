import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createStoryteller } from '../../core/storyteller/createStoryteller.ts'
import { convert } from '../../pipeline/convert.ts'
import { openBundleFolder } from '../../pipeline/node/openBundleFolder.ts'
import { observe } from '../../pipeline/observe.ts'
import { readGrammarFolder } from '../../training/readGrammarFolder.ts'
import { writeCorpus } from '../../training/writeCorpus.ts'
import { findPython } from './findPython.ts'

const training = fileURLToPath(new URL('../../training', import.meta.url))
const search = findPython()
if (!search.found) process.stderr.write(`The training recipe is not tested: ${search.reason}.\n`)
const silent = { tell: () => undefined, onProgress: () => undefined }

/** Two minutes on two busy cores, most of them spent on starting PyTorch four times. */
const TIMEOUT_MS = 300_000

const ROWS = ['--batch', '2', '--seq', '32']
const DECOMPOSITION = ['--C', '16', '--hidden', '3', '--importance', 'plain', '--steps', '6', '--route_all', '0.5']

async function python(script: string, args: readonly string[]): Promise<string> {
  const command = search.found ? search.python : ''
  const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await promisify(execFile)(command, [join(training, script), ...args], { env })
  return stdout
}

describe.skipIf(!search.found)('the training recipe', () => {
  let folder: string
  let run: string
  const printed = { languageModel: '', decomposition: '', resumed: '', evaluation: '' }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atlas-recipe-'))
    run = join(folder, 'run')
    const [stories, target] = [join(folder, 'stories.jsonl'), join(folder, 'target')]
    const grammar = await readGrammarFolder(join(training, 'grammar'))
    await writeCorpus(createStoryteller(grammar, 1), 120, stories, () => undefined)

    const small = ['--steps', '3', '--layers', '1', '--vocab', '300', ...ROWS]
    printed.languageModel = await python('language_model.py', [stories, target, ...small])
    const decompose = [target, run, ...DECOMPOSITION, ...ROWS]
    printed.decomposition = await python('decompose.py', [...decompose, '--warm_up', '5', '--until', '4'])
    printed.resumed = await python('decompose.py', [...decompose, '--warm_up', '5', '--resume'])
    const corpora = ['--held_out', stories, '--stories', stories, '--rows', '2', '--length', '32']
    printed.evaluation = await python('evaluate.py', [run, ...corpora, '--against', run])
  }, TIMEOUT_MS)

  afterAll(() => rm(folder, { recursive: true }))

  test('trains a tokenizer and a language model', () => {
    expect(printed.languageModel).toMatch(/^vocabulary 300, [\d,]+ training tokens, [\d,]+ held out$/m)
    expect(printed.languageModel).toMatch(/^step 2 loss \d\.\d{3} held-out \d\.\d{3} \d+s$/m)
  })

  test('decomposes it, stops and goes on', async () => {
    // Seven modules of 16 subcomponents. V and U: 16 · (128 + 128), k and v 16 · (128 + 64), three of the MLP
    // 16 · (128 + 341); causal importance functions: 3 · 3 + 1 each. 8192 + 6144 + 22512 + 1120 = 37,968.
    expect(printed.decomposition).toMatch(/^7 modules, 112 subcomponents, 37,968 parameters$/m)
    // p at step 3 of 6: 1.5 + (0.6 - 1.5) · 0.5 / 0.9 = 1.
    expect(printed.decomposition).toMatch(/^step 3 kl \S+ imp \S+ l0 \S+ faith \S+ p 1\.00 \d+s$/m)
    expect(printed.resumed).toMatch(/^resumed at step 4\nstep 5 kl /m)
    expect((await readdir(run)).toSorted()).toEqual(['final_config.yaml', 'model_6.pth', 'target', 'train_state.pt'])
  })

  test('writes what was trained into the config', async () => {
    const config: unknown = parse(await readFile(join(run, 'final_config.yaml'), 'utf8'))
    expect(config).toMatchObject({
      ci_fn_type: 'mlp',
      ci_fn_hidden_dims: [3],
      steps: 6,
      batch_size: 2,
      task_config: { max_seq_len: 32 },
      faithfulness_warmup_steps: 5,
      loss_metric_configs: [
        { classname: 'ImportanceMinimalityLoss', coeff: 3e-4 },
        { classname: 'StochasticReconSubsetLoss', coeff: 0.5 },
        { classname: 'StochasticReconLoss', coeff: 0.5 },
        { classname: 'FaithfulnessLoss', coeff: 1000 },
      ],
    })
  })

  test('evaluates it, every subcomponent alike to itself', () => {
    expect(printed.evaluation).toMatch(/^\| KL\(target ‖ masked\), CI-masked \| \d\.\d{3} \|$/m)
    expect(printed.evaluation).toMatch(/^\| 0\.down_proj \| 16 \| \d+ \| \d+% \|/m)
    expect(printed.evaluation).toMatch(/^\| all \| (\d+) \| \1 \| \1 \| 1\.000 \| 0\.\d{3} \| 100% \|$/m)
  })

  test('leaves a checkpoint that convert opens and onnxruntime runs', async () => {
    const bundle = join(folder, 'toy')
    await convert(
      {
        checkpoint: join(run, 'model_6.pth'),
        config: join(run, 'final_config.yaml'),
        target: join(run, 'target', 'config.json'),
        tokenizer: join(run, 'target', 'tokenizer.json'),
        out: bundle,
        precision: 'f32',
      },
      silent,
    )
    const { manifest } = await openBundleFolder(bundle)
    expect(manifest.run).toMatchObject({ step: 6, ci_kind: 'mlp', ci_hidden: [3], trained_length: 32 })
    expect(manifest.modules.map(({ kind, c }) => `${kind} ${c}`).toSorted()).toEqual([
      ...['down_proj 16', 'gate_proj 16', 'k_proj 16', 'o_proj 16', 'q_proj 16', 'up_proj 16', 'v_proj 16'],
    ])
    const told: string[] = []
    const out = join(folder, 'observed.safetensors')
    await observe({ bundle, out, text: 'One sunny morning.' }, { tell: (line) => told.push(line) })
    expect(told).toEqual([expect.stringMatching(/observed\.safetensors: \d+ positions, 7 modules$/)])
  })
})

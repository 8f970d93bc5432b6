/**
 * Makes the bundled demo run anew, by the same commands anyone would use:
 * `npm run demo-run` (20,000 stories) or `npx tsx training/buildDemoRun.ts --stories 500 --out build/small`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** Stories on which neither the models were trained nor the index is counted, and how many positions of them are measured. */
const HELD_OUT_SEED = '2027'
const HELD_OUT_STORIES = '80'
const HELD_OUT_POSITIONS = '16384'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    stories: { type: 'string', default: '20000' },
    /** Not 526: on that seed's stories both models were trained. */
    seed: { type: 'string', default: '2026' },
    out: { type: 'string', default: 'public/runs/demo' },
    work: { type: 'string', default: 'build/demo' },
  },
})
const out = join(root, values.out)
const work = join(root, values.work)
const run = join(root, 'training/runs/demo')
const bundle = join(work, 'bundle')
const reference = join(work, 'reference')
const stories = join(work, `demo-stories-seed-${values.seed}.jsonl`)
const heldOut = join(work, `held-out-stories-seed-${HELD_OUT_SEED}.jsonl`)
const grammar = join(work, 'grammar.json')

rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
script('training/makeCorpus.ts', values.stories, values.seed, stories)
script('training/makeCorpus.ts', HELD_OUT_STORIES, HELD_OUT_SEED, heldOut)
script('training/buildGrammar.ts', grammar)
const checkpoint = {
  checkpoint: join(run, 'model_14500.pth'),
  config: join(run, 'final_config.yaml'),
  target: join(run, 'target/config.json'),
  tokenizer: join(run, 'target/tokenizer.json'),
}
const title = 'Demo: a story model of 1.25 M parameters'
atlas('convert', { ...checkpoint, out: bundle, id: 'demo', title, precision: 'f16' })
atlas('convert', { ...checkpoint, out: reference, precision: 'f32' })
atlas('harvest', { bundle, stories, out: join(work, 'harvest') })
// Examples carry their windows, so no page needs the whole stories; they would be 5 MB of the repository.
atlas('index', { bundle, harvest: join(work, 'harvest'), grammar }, '--no-stories')
atlas('evaluate', { bundle, reference, stories: heldOut, 'limit-positions': HELD_OUT_POSITIONS })
atlas('verify', { bundle })
rmSync(out, { recursive: true, force: true })
mkdirSync(dirname(out), { recursive: true })
renameSync(bundle, out)

function atlas(command: string, options: Readonly<Record<string, string>>, ...flags: readonly string[]): void {
  const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
  script('pipeline/cli.ts', command, ...named, ...flags)
}

function script(file: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync('npx', ['tsx', file, ...args], { cwd: root, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

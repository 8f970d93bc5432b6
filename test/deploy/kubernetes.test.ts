import { execFile, spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Pod } from 'kubernetes-models/v1/Pod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { bytesOf, differing } from '../fixtures/bytesOf.ts'
import { convertOracle, STORIES } from '../pipeline/harvestedOracle.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const manifests = join(checkout, 'deploy/kubernetes')
const readYaml = async (name: string) => parse(await readFile(join(manifests, name), 'utf8'))
const readJob = async (name: string) => new Job(await readYaml(name))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-kubernetes-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('the manifests', () => {
  test("are valid by Kubernetes' own schema", async () => {
    const objects = [
      await readJob('shards.yaml'),
      await readJob('index.yaml'),
      new PersistentVolumeClaim(await readYaml('volume.yaml')),
      new Pod(await readYaml('loader.yaml')),
    ]
    expect(objects.map(({ metadata }) => metadata?.name)).toEqual([
      'atlas-shards',
      'atlas-index',
      'atlas',
      'atlas-loader',
    ])
    for (const object of objects) expect(() => object.validate()).not.toThrow()
  })

  test('an index of the job is a shard, and each is told how many there are', async () => {
    const { spec } = await readJob('shards.yaml')
    expect(spec?.completionMode).toBe('Indexed')
    const environment = spec?.template.spec?.containers[0]?.env ?? []
    expect(environment).toContainEqual({ name: 'SHARDS', value: String(spec?.completions) })
  })

  test('bad arguments and bad input are not tried again, a preempted pod is', async () => {
    for (const [name, action] of [
      ['shards.yaml', 'FailIndex'],
      ['index.yaml', 'FailJob'],
    ] as const) {
      const { spec } = await readJob(name)
      const [first, second] = spec?.podFailurePolicy?.rules ?? []
      expect(first).toEqual({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] })
      expect(second).toMatchObject({ action, onExitCodes: { operator: 'In', values: [2, 3] } })
      // Both policies are refused with another one.
      expect(spec?.template.spec?.restartPolicy).toBe('Never')
    }
  })

  test('the kustomization names every file that is applied', async () => {
    expect((await readYaml('kustomization.yaml')).resources).toEqual(['volume.yaml', 'shards.yaml', 'index.yaml'])
  })
})

test('the commands of the manifests, on what the image holds, give the bytes of a plain harvest', async () => {
  const image = await buildImage(join(folder, 'image'))
  const data = join(folder, 'data')
  await mkdir(join(data, 'stories'), { recursive: true })
  await cp(STORIES, join(data, 'stories/stories.jsonl'))
  await convertOracle('llama-mlp', 'model_1000.pth', join(data, 'bundle'))
  const plain = join(folder, 'plain')
  await cp(data, plain, { recursive: true })

  const shard = (await readJob('shards.yaml')).spec?.template.spec?.containers[0]?.args ?? []
  const index = (await readJob('index.yaml')).spec?.template.spec
  const steps = [
    ...[0, 1].map((i) => expand(shard, data, { JOB_COMPLETION_INDEX: `${i}`, SHARDS: '2', THREADS: '1' })),
    expand(index?.initContainers?.[0]?.args ?? [], data, {}),
    expand(index?.containers[0]?.args ?? [], data, {}),
  ]
  expect(steps.map(([command]) => command)).toEqual(['harvest', 'harvest', 'merge', 'index'])
  for (const step of steps) await image(step)

  const [bundle, out] = [join(plain, 'bundle'), join(plain, 'harvest')]
  await image(['harvest', '--bundle', bundle, '--stories', join(plain, 'stories'), '--out', out])
  await image(['index', '--bundle', bundle, '--harvest', out])
  expect(differing(await bytesOf(join(data, 'harvest')), await bytesOf(out))).toEqual([])
  expect(differing(await bytesOf(join(data, 'bundle')), await bytesOf(bundle))).toEqual([])
}, 240_000)

/** Copies what the Dockerfile copies into `image` and gives what runs its entry point there. */
async function buildImage(image: string): Promise<(args: readonly string[]) => Promise<unknown>> {
  const lines = (await readFile(join(checkout, 'deploy/Dockerfile'), 'utf8')).split('\n')
  for (const line of lines.filter((text) => text.startsWith('COPY '))) {
    const words = line.split(' ').slice(1)
    const to = join(image, words.at(-1) ?? '')
    for (const from of words.slice(0, -1)) {
      const target = words.length > 2 || words.at(-1) === './' ? join(image, from) : to
      await cp(join(checkout, from), target, { recursive: true })
    }
  }
  await symlink(join(checkout, 'node_modules'), join(image, 'node_modules'))
  const entry = lines.find((line) => line.startsWith('ENTRYPOINT '))?.slice('ENTRYPOINT '.length) ?? '[]'
  const [program = '', ...first]: string[] = JSON.parse(entry)
  return (args) => promisify(execFile)(join(image, program), [...first, ...args], { cwd: image })
}

/** What Kubernetes makes of a container's arguments, with the volume at `data`. */
function expand(args: readonly string[], data: string, environment: Readonly<Record<string, string>>): string[] {
  return args.map((arg) => arg.replace(/\$\((\w+)\)/g, (_, name) => environment[name] ?? '').replace('/data', data))
}

describe('run.sh', () => {
  /** Runs it with a stand-in for kubectl that says `conditions` of jobs in turn; gives the exit status and its calls. */
  async function runWith(name: string, conditions: readonly string[]) {
    const bin = join(folder, name)
    await mkdir(bin)
    await writeFile(join(bin, 'conditions'), `${conditions.join('\n')}\n`)
    const stand = [
      '#!/bin/sh',
      `echo "$*" >> ${bin}/calls`,
      `[ "$1" = get ] || exit 0`,
      `line=$(head -n 1 ${bin}/conditions)`,
      `tail -n +2 ${bin}/conditions > ${bin}/rest; mv ${bin}/rest ${bin}/conditions`,
      `[ "$line" = error ] && exit 1`,
      `[ "$line" = absent ] || printf '%s' "$3 $line"`,
    ]
    await writeFile(join(bin, 'kubectl'), `${stand.join('\n')}\n`)
    await chmod(join(bin, 'kubectl'), 0o755)
    const { status, stderr } = spawnSync(join(manifests, 'run.sh'), ['--namespace=n'], {
      env: { PATH: `${bin}:${process.env.PATH}`, POLL_SECONDS: '0' },
      encoding: 'utf8',
      timeout: 15_000,
    })
    const calls = (await readFile(join(bin, 'calls'), 'utf8')).trim().split('\n')
    const changes = calls.filter((call) => !call.startsWith('get '))
    expect(calls.every((call) => call.includes('--namespace=n'))).toBe(true)
    return { status, stderr, changes: changes.map((call) => /delete job \S+|step=\w+/.exec(call)?.[0]) }
  }

  test('applies the index job after the shards have ended, beyond a poll that fails', async () => {
    const told = ['absent', '', 'error', 'SuccessCriteriaMet', 'SuccessCriteriaMet Complete', 'absent', 'Complete']
    expect(await runWith('fresh', told)).toMatchObject({
      status: 0,
      changes: ['step=volume', 'step=shards', 'step=index'],
    })
  })

  test('begins ended jobs anew and waits for one that still runs', async () => {
    expect(await runWith('again', ['', 'Complete', 'Failed', 'Complete'])).toMatchObject({
      status: 0,
      changes: ['step=volume', 'delete job atlas-index', 'step=index'],
    })
  })

  test.each([
    ['Failed', 'FailureTarget Failed'],
    ['absent', 'absent'],
  ])('ends with 1, and without an index, where the shards are %s', async (state, conditions) => {
    const { status, stderr, changes } = await runWith(`is-${state}`, ['absent', conditions])
    expect({ status, changes }).toEqual({ status: 1, changes: ['step=volume', 'step=shards'] })
    expect(stderr).toContain(`job atlas-shards is ${state}`)
  })
})

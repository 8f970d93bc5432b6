import { gzipSync } from 'node:zlib'
import * as comlink from 'comlink'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BundleFile, Manifest } from '../../../core/bundle/manifest.ts'
import type { SubcomponentQuery } from '../../../core/bundle/querySubcomponents.ts'
import { sha256 } from '../../../core/bundle/sha256.ts'
import type { IndexSource } from '../../../core/bundle/writing/IndexSource.ts'
import type { Progress } from '../../../core/progress/Progress.ts'
import { SUBCOMPONENT_CLASSES } from '../../../core/statistics/subcomponentClass.ts'
import type { IndexApi } from '../../../workers/contracts/IndexApi.ts'
import { createIndexApi } from '../../../workers/index/createIndexApi.ts'
import { buildSmallIndex, FIRST, fullSource, openEngine, SECOND, smallSource } from '../../core/bundle/smallIndex.ts'

const URL_OF_BUNDLE = 'https://example.org/runs/small/'

const everything: SubcomponentQuery = {
  moduleId: null,
  classes: SUBCOMPONENT_CLASSES,
  tokenText: '',
  sort: { column: 'address', direction: 'ascending' },
  offset: 0,
  limit: 100,
}

interface Host {
  /** Bodies by path within the bundle; what is not here is not found. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>
  readonly asked: string[]
  readonly fetch: (url: string) => Promise<Response>
}

async function createHost(source: IndexSource = smallSource()): Promise<Host> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  const entries: BundleFile[] = []
  const details: { path: string; module: string; start: number; end: number }[] = []
  for (const [path, { bytes, content }] of await buildSmallIndex(await openEngine(), source)) {
    const stored = new Uint8Array(gzipSync(bytes))
    const plain = new Uint8Array(bytes)
    files.set(`${path}.gz`, stored)
    entries.push({
      path: `${path}.gz`,
      ...{ bytes: stored.length, sha256: await sha256(stored) },
      unpacked: { bytes: plain.length, sha256: await sha256(plain) },
    })
    if (content.kind === 'detail') {
      const { module, start, end } = content
      details.push({ path: `${path}.gz`, module, start, end })
    }
  }
  files.set('manifest.json', new TextEncoder().encode(JSON.stringify(smallManifest(entries, details))))
  const asked: string[] = []
  const fetch = async (url: string) => {
    const path = url.slice(URL_OF_BUNDLE.length)
    asked.push(path)
    const body = files.get(path)
    return body === undefined ? new Response(null, { status: 404 }) : new Response(body)
  }
  return { files, asked, fetch }
}

function smallManifest(files: BundleFile[], details: NonNullable<Manifest['index']>['details']): Manifest {
  const hash = '0'.repeat(64)
  const module = { role: 'linear' as const, d_in: 4, d_out: 4, kept: null, faithfulness: null }
  return {
    ...{
      format: 2,
      id: 'small',
      title: 'small',
      written_by: '0',
      precision: { target: 'f32' as const, v: 'f32' as const, u: 'f32' as const, ci: 'f32' as const },
      pruned_by: null,
      evaluation: null,
      tokenizer: 'tokenizer.json',
      files,
    },
    run: {
      ...{ step: 1, ci_kind: 'mlp', ci_hidden: [], sigmoid_type: 'hard', sampling: 'continuous' },
      ...{ use_delta_component: false, trained_length: 3 },
      checkpoint: { name: 'model.pth', bytes: 1, sha256: hash },
      config: { name: 'final_config.yaml', sha256: hash },
    },
    target_model: {
      ...{ architecture: 'LlamaForCausalLM', name: null, layers: 2, width: 4, heads: 1, key_value_heads: 1 },
      ...{ vocabulary_size: 6, context_length: 4, parameters: 1 },
    },
    modules: [
      { path: FIRST, layer: 0, kind: 'q_proj', c: 3, ...module },
      { path: SECOND, layer: 1, kind: 'up_proj', c: 2, ...module },
    ],
    graphs: { observe: 'observe.onnx', intervene: 'intervene.onnx', weights: [] },
    corpus: null,
    index: { summary: 'index/summary.sqlite.gz', levels: [], details, tokens: [], stories: [] },
    story_grammar: null,
  }
}

let host: Host
let channel: MessageChannel
let api: comlink.Remote<IndexApi>

beforeEach(async () => {
  host = await createHost()
  channel = new MessageChannel()
  comlink.expose(createIndexApi(openEngine, host.fetch), channel.port2)
  channel.port1.start()
  api = comlink.wrap<IndexApi>(channel.port1)
})

afterEach(() => {
  channel.port1.close()
  channel.port2.close()
})

const openRun = (onProgress: (progress: Progress) => void = () => undefined) =>
  api.openRun(URL_OF_BUNDLE, comlink.proxy(onProgress))
const readDetail = (subcomponent: number) =>
  api.readDetail(
    URL_OF_BUNDLE,
    { moduleId: 0, subcomponent },
    comlink.proxy(() => undefined),
  )

describe('opening a run', () => {
  test('gives manifest and modules and reports the bytes of the summary', async () => {
    const reported: Progress[] = []
    const reply = await openRun((progress) => reported.push(progress))
    if (!reply.ok) throw new Error(reply.error.message)
    expect(reply.value.manifest.id).toBe('small')
    expect(reply.value.modules.map(({ module, active }) => [module, active])).toEqual([
      [FIRST, 2],
      [SECOND, 2],
    ])
    const total = host.files.get('index/summary.sqlite.gz')?.length
    expect(reported.at(-1)).toEqual({ label: 'index/summary.sqlite.gz', done: total, total, unit: 'bytes' })
  })

  test('fetches the summary once for many questions, and no detail', async () => {
    await openRun()
    await Promise.all([
      api.listSubcomponents(URL_OF_BUNDLE, everything),
      api.describeSubcomponent(URL_OF_BUNDLE, { moduleId: 0, subcomponent: 1 }),
    ])
    expect(host.asked).toEqual(['manifest.json', 'index/summary.sqlite.gz'])
  })

  test('a failure is a reply, and the next question tries anew', async () => {
    const manifest = host.files.get('manifest.json')
    host.files.delete('manifest.json')
    expect(await openRun()).toEqual({
      ok: false,
      error: { code: 'bundle/missing-file', message: `${URL_OF_BUNDLE}manifest.json: no manifest there`, details: {} },
    })
    if (manifest !== undefined) host.files.set('manifest.json', manifest)
    expect(await openRun()).toMatchObject({ ok: true })
  })

  test('a start page in place of a manifest is no manifest', async () => {
    const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    const lone = createIndexApi(openEngine, async () => page)
    expect(await lone.openRun(URL_OF_BUNDLE, () => undefined)).toMatchObject({
      ok: false,
      error: { code: 'bundle/missing-file' },
    })
  })

  test('a changed byte in the summary is refused', async () => {
    const stored = host.files.get('index/summary.sqlite.gz')
    if (stored === undefined) throw new Error('no summary')
    stored[stored.length - 9] = (stored[stored.length - 9] ?? 0) ^ 1
    expect(await openRun()).toMatchObject({ ok: false, error: { code: 'bundle/corrupt' } })
  })
})

describe('one subcomponent', () => {
  test('is described with its neighbours by rank', async () => {
    // Module 0: c 1 has 4 firings, c 0 three, c 2 none.
    expect(await api.describeSubcomponent(URL_OF_BUNDLE, { moduleId: 0, subcomponent: 0 })).toMatchObject({
      ok: true,
      value: { row: { rank: 2, activationCount: 3 }, previous: 1, next: null },
    })
    expect(await api.describeSubcomponent(URL_OF_BUNDLE, { moduleId: 0, subcomponent: 2 })).toMatchObject({
      ok: true,
      value: { row: { rank: null, class: 'dead' }, previous: null, next: null },
    })
  })

  test('an unknown one is address/unknown', async () => {
    expect(await api.describeSubcomponent(URL_OF_BUNDLE, { moduleId: 0, subcomponent: 3 })).toMatchObject({
      ok: false,
      error: { code: 'address/unknown' },
    })
  })

  test('its detail holds tokens and examples, and its block is fetched once', async () => {
    const reply = await readDetail(1)
    if (!reply.ok) throw new Error(reply.error.message)
    // m of a, cat, [EOS] is 2, 1, 1; T of a is 2.
    expect(reply.value.tokens.map(({ token, count }) => [token, count])).toEqual([
      ['a', 2],
      ['cat', 1],
      ['[EOS]', 1],
    ])
    expect(reply.value.tokens[0]).toMatchObject({ occurrences: 2, firesGivenToken: 1, tokenGivenFires: 0.5 })
    expect(reply.value.examples).toHaveLength(2)
    await readDetail(0)
    expect(host.asked.filter((path) => path.includes('detail'))).toHaveLength(1)
  })

  test('its detail lacks what the harvest did not count', async () => {
    const reply = await readDetail(1)
    if (!reply.ok) throw new Error(reply.error.message)
    expect(reply.value).toMatchObject({ strongest: [], histograms: null, coFirings: null, outputTokens: null })
  })

  test('its detail holds partners, output tokens, the strongest firings and histograms where they were counted', async () => {
    const full = createIndexApi(openEngine, (await createHost(fullSource())).fetch)
    const reply = await full.readDetail(URL_OF_BUNDLE, { moduleId: 0, subcomponent: 1 }, () => undefined)
    if (!reply.ok) throw new Error(reply.error.message)
    const { coFirings, outputTokens, strongest, histograms } = reply.value
    // Of the sampled positions of stories 0 and 2 it fires on a, cat and a; each partner fires at one of them too.
    expect(coFirings?.map(({ moduleId, subcomponent, count }) => [moduleId, subcomponent, count])).toEqual([
      [0, 0, 1],
      [1, 0, 1],
      [1, 1, 1],
    ])
    expect(coFirings?.[0]?.partnerGivenFires).toBeCloseTo(1 / 3, 12)
    // 3 firings at probability 0.5 and 0.25.
    expect(outputTokens?.map(({ token, mass, tokenGivenFires }) => [token, mass, tokenGivenFires])).toEqual([
      ['cat', 1.5, 0.5],
      ['sat', 0.75, 0.25],
    ])
    // CI 1 in story 1, h twice that.
    expect(strongest.map(({ story, innerActivation }) => [story, innerActivation])).toEqual([[1, 2]])
    // CI 0.5 three times, 1 once.
    expect([histograms?.ci[10], histograms?.ci[19]]).toEqual([3, 1])
  })

  test('detail that fails once is fetched again', async () => {
    await openRun()
    const [path] = [...host.files.keys()].filter((name) => name.includes('detail-0'))
    const stored = host.files.get(path ?? '')
    host.files.delete(path ?? '')
    expect(await readDetail(1)).toMatchObject({ ok: false, error: { code: 'bundle/missing-file' } })
    if (stored !== undefined) host.files.set(path ?? '', stored)
    expect(await readDetail(1)).toMatchObject({ ok: true })
  })
})

test('several are described in the order asked for', async () => {
  const addresses = [
    { moduleId: 1, subcomponent: 1 },
    { moduleId: 0, subcomponent: 0 },
  ]
  const reply = await api.describeSubcomponents(URL_OF_BUNDLE, addresses)
  if (!reply.ok) throw new Error(reply.error.message)
  expect(reply.value.map((row) => [row.moduleId, row.subcomponent, row.topTokens[0]?.token])).toEqual([
    [1, 1, '[EOS]'],
    [0, 0, 'cat'],
  ])
})

test('an export holds every row, whatever the window', async () => {
  const reply = await api.exportSubcomponents(URL_OF_BUNDLE, { ...everything, moduleId: 0, limit: 1 }, 'csv')
  if (!reply.ok) throw new Error(reply.error.message)
  // N = 8; CI sums of c 0: 1 + 1 + 0.5 + 0.125, of c 1: 0.5 + 0.5 + 1 + 0.5, of c 2: 0.25 + 0.25.
  expect(reply.value.split('\r\n')).toEqual([
    'module,subcomponent,activation_count,unique_tokens,class,mean_ci,firing_density,high_concentration,top_tokens,rarefied_unique_tokens',
    `${FIRST},0,3,1,truly_monosemantic,0.328125,0.375,true,"[[""cat"",3]]",`,
    `${FIRST},1,4,3,highly_specialised,0.3125,0.5,true,"[[""a"",2],[""cat"",1],[""[EOS]"",1]]",`,
    `${FIRST},2,0,0,dead,0.0625,0,false,[],`,
    '',
  ])
})

test('a random share finds an active subcomponent of a module or of the run', async () => {
  expect(await api.findActive(URL_OF_BUNDLE, 0, 0.99)).toEqual({ ok: true, value: { moduleId: 0, subcomponent: 1 } })
  expect(await api.findActive(URL_OF_BUNDLE, null, 0.5)).toEqual({ ok: true, value: { moduleId: 1, subcomponent: 0 } })
})

test('example stories are listed', async () => {
  expect(await api.listExampleStories(URL_OF_BUNDLE)).toMatchObject({ ok: true, value: [{ story: 1, text: 'cat' }] })
})

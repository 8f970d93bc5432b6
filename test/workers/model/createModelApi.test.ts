import * as comlink from 'comlink'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../core/bundle/sha256.ts'
import type { GraphTensor, InferenceSession, OpenSession } from '../../../core/graph/InferenceSession.ts'
import { createOpenSession } from '../../../pipeline/node/createOpenSession.ts'
import type { ModelAddress, ModelApi } from '../../../workers/contracts/ModelApi.ts'
import type { Reply } from '../../../workers/contracts/Reply.ts'
import type { Backend } from '../../../workers/model/Backend.ts'
import { createModelApi } from '../../../workers/model/createModelApi.ts'
import { BUNDLE_URL, readReference, type ServedBundle, serveOracle } from './oracleBundle.ts'

const address: ModelAddress = { bundleUrl: BUNDLE_URL, backend: null, threads: null, causalImportances: 'outside' }
const text = 'Mia found a kite, and Leo smiled!'
const story = { text, isCut: false }
const threshold = 0.01
const Q0 = 'model.layers.0.self_attn.q_proj'
const DOWN1 = 'model.layers.1.mlp.down_proj'

let bundle: ServedBundle
beforeAll(async () => {
  bundle = await serveOracle('llama-mlp')
})

// Comlink closes the channel of a remote that is garbage-collected, so remotes are held too.
const channels: { readonly channel: MessageChannel; readonly remote: comlink.Remote<ModelApi> }[] = []
afterEach(() => {
  for (const { channel } of channels.splice(0)) {
    channel.port1.close()
    channel.port2.close()
  }
})

/** The service as a page meets it: at the other end of a channel, everything structured-cloned. */
function connect(backends: readonly Backend[], fetch = bundle.fetch): comlink.Remote<ModelApi> {
  const channel = new MessageChannel()
  comlink.expose(createModelApi({ fetch, backends: () => backends, now: () => performance.now() }), channel.port1)
  const remote = comlink.wrap<ModelApi>(channel.port2)
  channels.push({ channel, remote })
  return remote
}

function answered<T>(answer: Reply<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.error.code}: ${answer.error.message}`)
}

const refusal = <T>(answer: Reply<T>) => (answer.ok ? null : answer.error)

const backend = (openSession: OpenSession, name: Backend['name'] = 'wasm'): Backend => ({
  name,
  start: async () => ({ threads: 2, openSession, lost: new Promise(() => undefined) }),
})

const nodeBackend = backend(createOpenSession(1))

/** Real sessions whose runs wait for `release`, each logged as "observe 13" by its number of tokens. */
function heldBackend() {
  const log: string[] = []
  const waiting: (() => void)[] = []
  let isHeld = true
  const openReal = createOpenSession(1)
  const openSession: OpenSession = async (graph, externalData) => {
    const session = await openReal(graph, externalData)
    const run: InferenceSession['run'] = async (feeds) => {
      log.push(`${'delta' in feeds ? 'intervene' : 'observe'} ${feeds.ids?.dims[1]}`)
      if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve))
      return session.run(feeds)
    }
    return { run, close: session.close }
  }
  return {
    log,
    backend: backend(openSession),
    /** Lets every run go on, those to come too. */
    release: () => {
      isHeld = false
      for (const go of waiting.splice(0)) go()
    },
    /** Resolves when a run waits. */
    reached: async () => {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('the model service on a bundle of some subcomponents', () => {
  // Every other subcomponent, and of the last module, down_proj of layer 1, none.
  const isKept = (module: number, c: number): boolean => module !== 13 && c % 2 === 1

  it.each(['outside', 'graph'] as const)('names them as the whole one does, CI computed %s', async (place) => {
    const pruned = await serveOracle('llama-mlp', isKept)
    const request = { story, threshold, position: 4, order: 'causalImportance', predictionCount: 3 } as const
    const at = { ...address, causalImportances: place }
    const whole = answered(await connect([nodeBackend]).describePosition(at, request))
    const found = answered(await connect([nodeBackend], pruned.fetch).describePosition(at, request))
    const rows = ({ active }: typeof whole) =>
      Array.from(active.module, (m, i) => ({
        m,
        c: active.subcomponent[i] ?? -1,
        ci: active.causalImportance[i],
        scaled: active.scaledInnerActivation[i],
      }))
    const expected = rows(whole).filter(({ m, c }) => isKept(m, c))
    expect(expected.length).toBeGreaterThan(5)
    expect(rows(found)).toEqual(expected)
    expect(found.predictions).toEqual(whole.predictions)
  })

  it('shades and ablates by their numbers, and refuses those it does not have', async () => {
    const pruned = connect([nodeBackend], (await serveOracle('llama-mlp', isKept)).fetch)
    const whole = connect([nodeBackend])
    const shaded = { story, modulePath: Q0, subcomponent: 3 }
    expect(answered(await pruned.shade(address, shaded))).toEqual(answered(await whole.shade(address, shaded)))
    const ablated = {
      story,
      ablated: [{ modulePath: Q0, subcomponent: 3, position: null }],
      position: 4,
      predictionCount: 2,
    }
    const [found, expected] = [await pruned.ablate(address, ablated), await whole.ablate(address, ablated)]
    for (const [i, kl] of answered(found).kl.entries())
      expect(kl).toBeCloseTo(answered(expected).kl[i] ?? Number.NaN, 5)
    expect(Math.max(...answered(found).kl)).toBeGreaterThan(1e-4)
    const dropped = {
      story,
      ablated: [{ modulePath: DOWN1, subcomponent: 3, position: 1 }],
      position: 4,
      predictionCount: 2,
    }
    const refused = {
      code: 'address/unknown',
      message: `${DOWN1}:3: not in this bundle's graphs, which leave out subcomponents that never fired`,
    }
    expect(refusal(await pruned.ablate(address, dropped))).toMatchObject(refused)
    expect(refusal(await pruned.shade(address, { ...shaded, modulePath: DOWN1 }))).toMatchObject(refused)
  })
})

describe('the model service, against PyTorch', () => {
  it.each(['outside', 'graph'] as const)('counts what is active, CI computed %s', async (causalImportances) => {
    const { tensors, story: number } = await readReference('llama-mlp')
    const api = connect([nodeBackend])
    const observed = answered(await api.observe({ ...address, causalImportances }, { story, threshold }))
    const T = observed.tokens.length
    expect(observed.tokens).toEqual([
      'mi',
      '##a',
      'found',
      'a',
      'kite',
      ',',
      'and',
      'le',
      '##o',
      'sm',
      '##iled',
      '!',
      '[EOS]',
    ])
    for (const [m, { path, c }] of bundle.manifest.modules.entries()) {
      const ci = await tensors.get(`${number}/causal_importance/${path}`)?.read()
      const expected = Array.from({ length: T }, (_, position) =>
        Number(ci?.subarray(position * c, (position + 1) * c).filter((g) => g > threshold).length),
      )
      expect(Array.from(observed.activeCounts.subarray(m * T, (m + 1) * T)), path).toEqual(expected)
    }
    expect(observed.backend).toEqual({ name: 'wasm', threads: 2, fallbackReason: null })
  })

  it('gives a subcomponent along the story', async () => {
    const { tensors, story: number } = await readReference('llama-mlp')
    const shading = answered(await connect([nodeBackend]).shade(address, { story, modulePath: DOWN1, subcomponent: 2 }))
    const ci = await tensors.get(`${number}/causal_importance/${DOWN1}`)?.read()
    expect(shading).toHaveLength(13)
    for (const [position, g] of shading.entries()) expect(g).toBeCloseTo(ci?.[position * 30 + 2] ?? Number.NaN, 4)
  })

  it('ranks a position, with h‖U‖ and next tokens', async () => {
    const { tensors, story: number } = await readReference('llama-mlp')
    const request = { story, threshold, position: 4, order: 'scaledInnerActivation', predictionCount: 3 } as const
    const { active, predictions, nextTokenLoss } = answered(
      await connect([nodeBackend]).describePosition(address, request),
    )
    const sizes = Array.from(active.scaledInnerActivation, Math.abs)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    const first = bundle.manifest.modules[active.module[0] ?? -1]
    const ci = await tensors.get(`${number}/causal_importance/${first?.path}`)?.read()
    expect(active.causalImportance[0]).toBeCloseTo(
      ci?.[4 * (first?.c ?? 0) + (active.subcomponent[0] ?? 0)] ?? Number.NaN,
      4,
    )

    const logits = await tensors.get(`${number}/logits`)?.read()
    const row = Array.from(logits?.subarray(4 * 153, 5 * 153) ?? [])
    const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0)
    const best = row.map((logit, id) => [Math.exp(logit) / total, id] as const).toSorted((a, b) => b[0] - a[0])
    expect(predictions.map(({ tokenId }) => tokenId)).toEqual(best.slice(0, 3).map(([, id]) => id))
    expect(predictions[0]?.probability).toBeCloseTo(best[0]?.[0] ?? Number.NaN, 4)
    // The token after "kite" is "," with id 4.
    expect(nextTokenLoss).toBeCloseTo(-Math.log(Math.exp(row[4] ?? 0) / total), 4)
  })

  it('ablates: KL at every position, next tokens before and after, and what rounding alone does', async () => {
    const { tensors, ids, story: number } = await readReference('llama-mlp')
    const ablated = [
      { modulePath: Q0, subcomponent: 0, position: null },
      { modulePath: Q0, subcomponent: 3, position: null },
      { modulePath: DOWN1, subcomponent: 1, position: 6 },
    ]
    const effect = answered(
      await connect([nodeBackend]).ablate(address, { story, ablated, position: 6, predictionCount: 2 }),
    )
    const target = (await tensors.get(`${number}/logits`)?.read()) ?? new Float32Array()
    const masked = (await tensors.get(`${number}/ablate`)?.read()) ?? new Float32Array()
    const logSoftmax = (logits: Float32Array, position: number) => {
      const row = Array.from(logits.subarray(position * 153, (position + 1) * 153))
      const normaliser = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0))
      return row.map((logit) => logit - normaliser)
    }
    for (const [position, kl] of effect.kl.entries()) {
      const p = logSoftmax(target, position)
      const q = logSoftmax(masked, position)
      expect(kl).toBeCloseTo(
        p.reduce((sum, log, i) => sum + Math.exp(log) * (log - (q[i] ?? 0)), 0),
        5,
      )
    }
    expect(Math.max(...effect.roundingKl)).toBeLessThan(1e-6)
    const p = logSoftmax(target, 6)
    const q = logSoftmax(masked, 6)
    for (const { tokenId, before, after, logChange } of effect.predictions) {
      expect(Math.log(before)).toBeCloseTo(p[tokenId] ?? Number.NaN, 3)
      expect(Math.log(after)).toBeCloseTo(q[tokenId] ?? Number.NaN, 3)
      expect(logChange).toBeCloseTo(Math.log(after) - Math.log(before), 9)
    }
    const befores = effect.predictions.map(({ before }) => before)
    expect(befores).toEqual(befores.toSorted((a, b) => b - a))
    const next = ids[7] ?? 0
    expect(effect.nextTokenLoss?.before).toBeCloseTo(-(p[next] ?? 0), 4)
    expect(effect.nextTokenLoss?.after).toBeCloseTo(-(q[next] ?? 0), 4)
  })

  it.each(['llama-vector-mlp', 'llama-simple-shared-mlp'])(
    'takes CI from the graph where it must: %s',
    async (name) => {
      const served = await serveOracle(name)
      const { tensors, story: number, text: ownText } = await readReference(name)
      const [module] = served.manifest.modules
      const shade = { story: { text: ownText, isCut: false }, modulePath: module?.path ?? '', subcomponent: 1 }
      const shading = answered(await connect([nodeBackend], served.fetch).shade(address, shade))
      const ci = await tensors.get(`${number}/causal_importance/${module?.path}`)?.read()
      for (const [position, g] of shading.entries()) {
        expect(g).toBeCloseTo(ci?.[position * (module?.c ?? 0) + 1] ?? Number.NaN, 4)
      }
    },
  )
})

describe('the model service', () => {
  it('fetches each file once, and says how many bytes of all it has', async () => {
    bundle.fetched.length = 0
    const api = connect([nodeBackend])
    const progress: { done: number; total: number }[] = []
    const onProgress = comlink.proxy(({ done, total }: { done: number; total: number }) => {
      progress.push({ done, total })
    })
    expect(answered(await api.open(address, onProgress)).backend.name).toBe('wasm')
    answered(await api.ablate(address, { story, ablated: [], position: 0, predictionCount: 1 }))
    expect(bundle.fetched.toSorted()).toEqual([...bundle.files.keys()].toSorted())
    const total = bundle.manifest.files
      .filter(({ path }) => path.startsWith('model/'))
      .reduce((sum, f) => sum + f.bytes, 0)
    expect(progress.at(-1)).toEqual({ done: total, total })
  })

  it('opens the masked graph only when something is ablated', async () => {
    const opened: number[] = []
    const real = createOpenSession(1)
    const counting = backend(async (graph, data) => {
      opened.push(graph.length)
      return real(graph, data)
    })
    const api = connect([counting])
    answered(await api.observe(address, { story, threshold }))
    expect(opened).toHaveLength(1)
    answered(await api.ablate(address, { story, ablated: [], position: 0, predictionCount: 1 }))
    expect(opened).toHaveLength(2)
  })

  it('runs one pass a story, whatever is asked of it', async () => {
    const held = heldBackend()
    held.release()
    const api = connect([held.backend])
    const position = { story, threshold, position: 2, order: 'causalImportance', predictionCount: 1 } as const
    await Promise.all([
      api.observe(address, { story, threshold }),
      api.describePosition(address, position),
      api.shade(address, { story, modulePath: Q0, subcomponent: 0 }),
      api.describePosition(address, { ...position, position: 3 }),
    ])
    expect(held.log).toEqual(['observe 13'])
    const ablated = [{ modulePath: Q0, subcomponent: 0, position: null }]
    answered(await api.ablate(address, { story, ablated, position: 2, predictionCount: 1 }))
    answered(await api.ablate(address, { story, ablated, position: 5, predictionCount: 1 }))
    expect(held.log).toEqual(['observe 13', 'intervene 13', 'intervene 13'])
  })

  it('lets a newer text replace the one that waits, and drops the late answer of the one that runs', async () => {
    const held = heldBackend()
    const api = connect([held.backend])
    answered(
      await api.open(
        address,
        comlink.proxy(() => undefined),
      ),
    )
    const ask = (typed: string) => api.observe(address, { story: { text: typed, isCut: false }, threshold })
    const first = ask('a')
    await held.reached()
    const replaced = ask('a kite')
    const newest = ask('a kite and a kite')
    expect(refusal(await replaced)?.code).toBe('request/cancelled')
    held.release()
    expect(refusal(await first)).toMatchObject({
      code: 'request/cancelled',
      message: 'observe: replaced by a newer request',
    })
    expect(answered(await newest).tokens.slice(0, 3)).toEqual(['a', 'kite', 'and'])
    expect(held.log).toEqual(['observe 2', 'observe 6'])
  })

  it('drops what waits when told to', async () => {
    const held = heldBackend()
    const api = connect([held.backend])
    answered(
      await api.open(
        address,
        comlink.proxy(() => undefined),
      ),
    )
    const running = api.observe(address, { story, threshold })
    await held.reached()
    const waiting = api.shade(address, { story, modulePath: Q0, subcomponent: 0 })
    await api.cancel()
    held.release()
    expect([refusal(await running)?.code, refusal(await waiting)?.code]).toEqual([
      'request/cancelled',
      'request/cancelled',
    ])
    expect(answered(await api.observe(address, { story, threshold })).tokens).toHaveLength(13)
  })

  it('falls back when the first backend fails, and says so with the answer', async () => {
    const broken = backend(async () => {
      throw new Error('no kernel')
    }, 'webgpu')
    const observed = answered(await connect([broken, nodeBackend]).observe(address, { story, threshold }))
    expect(observed.backend).toEqual({ name: 'wasm', threads: 2, fallbackReason: 'webgpu: no kernel' })
  })

  it('answers the next request after a failed one', async () => {
    let runs = 0
    const real = createOpenSession(1)
    const flaky = backend(async (graph, data) => {
      const session = await real(graph, data)
      const run = async (feeds: Readonly<Record<string, GraphTensor>>) => {
        runs += 1
        if (runs === 1) throw new Error('out of memory')
        return session.run(feeds)
      }
      return { run, close: session.close }
    })
    const api = connect([flaky])
    expect(refusal(await api.observe(address, { story, threshold }))).toMatchObject({
      code: 'model/failed',
      message: 'wasm: out of memory',
    })
    expect(answered(await api.observe(address, { story, threshold })).tokens).toHaveLength(13)
  })

  it('tries again to open what could not be fetched', async () => {
    let isDown = true
    const fetch: typeof bundle.fetch = async (url, init) => {
      if (isDown) throw new TypeError('Failed to fetch')
      return bundle.fetch(url, init)
    }
    const api = connect([nodeBackend], fetch)
    const onProgress = comlink.proxy(() => undefined)
    expect(refusal(await api.open(address, onProgress))?.code).toBe('source/unreachable')
    isDown = false
    expect(answered(await api.open(address, onProgress)).backend.name).toBe('wasm')
  })

  it('refuses weights that are not what the manifest says', async () => {
    const fetch: typeof bundle.fetch = async (url, init) => {
      const response = await bundle.fetch(url, init)
      if (!url.endsWith('weights-00.bin')) return response
      const bytes = new Uint8Array(await response.arrayBuffer())
      bytes.fill(1, 0, 4)
      return new Response(bytes)
    }
    expect(refusal(await connect([nodeBackend], fetch).observe(address, { story, threshold }))?.code).toBe(
      'bundle/corrupt',
    )
  })

  it('encodes without a pass, however long', async () => {
    const held = heldBackend()
    const api = connect([held.backend])
    expect(answered(await api.encode(address, 'a kite'))).toEqual({ tokens: ['a', 'kite', '[EOS]'] })
    expect(answered(await api.encode(address, ''))).toEqual({ tokens: ['[EOS]'] })
    expect(answered(await api.encode(address, 'a '.repeat(1000))).tokens).toHaveLength(1001)
    expect(held.log).toEqual([])
  })

  it('tells a story of the run’s grammar, the same for the same seed', async () => {
    const text = JSON.stringify({
      format: 1,
      lexicon: [
        { name: 'name.m', words: [{ singular: 'leo', plural: 'leos' }] },
        { name: 'name.f', words: [{ singular: 'mia', plural: 'mias' }] },
        {
          name: 'thing',
          words: Array.from({ length: 99 }, (_, i) => ({ singular: `thing${i}`, plural: `things${i}` })),
        },
      ],
      skeletons: [{ theme: 'kites', style: 'plain', body: 'a {thing} flew.' }],
    })
    const grammar = new TextEncoder().encode(text)
    const file = { path: 'stories/grammar.json', bytes: grammar.length, sha256: await sha256(grammar) }
    const manifest = { ...bundle.manifest, story_grammar: file.path, files: [...bundle.manifest.files, file] }
    const fetch: typeof bundle.fetch = async (url, init) => {
      if (url.endsWith('grammar.json')) return new Response(grammar)
      return url.endsWith('manifest.json') ? new Response(JSON.stringify(manifest)) : bundle.fetch(url, init)
    }
    const api = connect([nodeBackend], fetch)
    const told = await Promise.all([7, 7, 8].map(async (seed) => answered(await api.tellStory(address, seed))))
    expect(told[0]).toMatch(/^A thing\d+ flew\.$/)
    expect(told[1]).toBe(told[0])
    expect(told[2]).not.toBe(told[0])
    expect(refusal(await connect([nodeBackend]).tellStory(address, 7))?.message).toBe(
      'oracle: the manifest names no story grammar',
    )
  })

  it('takes the last token of the text itself where no position is named', async () => {
    const api = connect([nodeBackend])
    const request = { threshold, position: null, order: 'causalImportance', predictionCount: 1 } as const
    const chosen = async (typed: string) => {
      const { position, token } = answered(
        await api.describePosition(address, { ...request, story: { text: typed, isCut: false } }),
      )
      return [position, token]
    }
    expect([await chosen('a kite'), await chosen('')]).toEqual([
      [1, 'kite'],
      [0, '[EOS]'],
    ])
  })

  it('refuses a story beyond the context, and runs it cut on request', async () => {
    const api = connect([nodeBackend])
    const { context_length } = bundle.manifest.target_model
    const long = 'a '.repeat(context_length + 10)
    expect(refusal(await api.observe(address, { story: { text: long, isCut: false }, threshold }))).toMatchObject({
      code: 'story/too-long',
      message: `story: ${context_length + 11} tokens, expected at most ${context_length}`,
      details: { found: context_length + 11, expected: context_length },
    })
    const cut = answered(await api.observe(address, { story: { text: long, isCut: true }, threshold }))
    expect(cut.tokens).toHaveLength(context_length)
    expect(cut.tokens.at(-1)).toBe('a')
  })

  it('refuses a text too long to encode', async () => {
    expect(refusal(await connect([nodeBackend]).encode(address, 'x'.repeat(200_001)))?.message).toBe(
      'story: 200001 characters, at most 200000 are read',
    )
  })

  it.each([
    ['a position', { position: 13 }, 'story: no position 13, expected 0 to 12'],
    [
      'a subcomponent',
      { ablated: [{ modulePath: Q0, subcomponent: 23, position: null }] },
      `${Q0}:23: the run has no such subcomponent`,
    ],
    [
      'a module',
      { ablated: [{ modulePath: 'model.x', subcomponent: 0, position: null }] },
      'model.x:0: the run has no such subcomponent',
    ],
  ])('refuses %s that does not exist', async (_, change, message) => {
    const request = { story, ablated: [], position: 0, predictionCount: 1, ...change }
    expect(refusal(await connect([nodeBackend]).ablate(address, request))).toMatchObject({
      code: 'address/unknown',
      message,
    })
  })
})

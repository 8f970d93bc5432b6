import type { FetchEffects } from '../../core/bundle/fetchBundleFile.ts'
import { columnOfKept, readKept } from '../../core/bundle/keptSubcomponents.ts'
import type { ManifestModule } from '../../core/bundle/manifest.ts'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { invariant } from '../../core/errors/invariant.ts'
import { causalImportanceAlong, countActive, rankActive } from '../../core/inference/activeSubcomponents.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import { assertTokenizerFits } from '../../core/tokenizer/assertTokenizerFits.ts'
import type { BackendStatus, ModelAddress, ModelApi, Story } from '../contracts/ModelApi.ts'
import { reply } from '../reply.ts'
import type { Backend } from './Backend.ts'
import { fetchModelFiles, fetchModelHead, type ModelHead } from './fetchModel.ts'
import { fetchStoryteller } from './fetchStoryteller.ts'
import { type AssertWanted, LaneQueue } from './LaneQueue.ts'
import { LiveModel } from './LiveModel.ts'
import { compareNextTokens, nextTokenLoss, predictNext } from './nextTokens.ts'
import { StoryMemory, type StoryTokens } from './StoryMemory.ts'

/** What the service needs of the world. */
export interface ModelEffects {
  readonly fetch: FetchEffects['fetch']
  readonly backends: (address: ModelAddress) => readonly Backend[]
  /** Milliseconds from any start. */
  readonly now: () => number
}

/** Requests of one lane replace each other; lanes do not. */
const LANES = ['observe', 'describePosition', 'shade', 'ablate'] as const
type Lane = (typeof LANES)[number]

/** Longest text that is encoded at all: some 40,000 tokens. */
const MAX_STORY_CHARACTERS = 200_000

/** Answers questions about one model at a time. */
export function createModelApi(effects: ModelEffects): ModelApi {
  const queue = new LaneQueue()
  const cache = createModelCache(effects)
  const ask = <T>(lane: Lane, address: ModelAddress, task: (model: OpenModel, wanted: AssertWanted) => Promise<T>) =>
    reply(() => queue.run(lane, async (assertWanted) => task(await cache.open(address), assertWanted)))

  return {
    open: (address, onProgress) =>
      reply(async () => {
        const { live, openMs } = await cache.open(address, onProgress)
        return { backend: statusOf(live), openMs }
      }),
    encode: (address, text) =>
      reply(async () => {
        const { tokens } = storyTokens(await cache.head(address), { text, isCut: false })
        return { tokens }
      }),
    tellStory: (address, seed) =>
      reply(async () => {
        const { manifest } = await cache.head(address)
        return (await fetchStoryteller(address.bundleUrl, manifest, seed, effects.fetch)).story(0).text
      }),
    observe: (address, { story, threshold }) =>
      ask('observe', address, async ({ live, memory }, assertWanted) => {
        const start = effects.now()
        const pass = await memory.observe(story, assertWanted)
        const { sessionMs, causalImportanceMs } = pass
        const activeCounts = countActive(pass.modules, pass.ids.length, threshold)
        const otherMs = Math.max(0, effects.now() - start - sessionMs - causalImportanceMs)
        const timing = { sessionMs, causalImportanceMs, otherMs }
        return { tokens: pass.tokens, lastOwn: pass.lastOwn, activeCounts, timing, backend: statusOf(live) }
      }),
    describePosition: (address, { story, threshold, order, predictionCount, ...asked }) =>
      ask('describePosition', address, async ({ memory, head }, assertWanted) => {
        const pass = await memory.observe(story, assertWanted)
        const { position, token } = choosePosition(asked.position, pass)
        return {
          position,
          token,
          active: rankActive(pass.modules, { position, threshold, order }),
          predictions: predictNext(head, pass.logits, position, predictionCount),
          nextTokenLoss: nextTokenLoss(head, pass.logits, pass.ids, position),
        }
      }),
    shade: (address, { story, modulePath, subcomponent }) =>
      ask('shade', address, async ({ memory, head }, assertWanted) => {
        const pass = await memory.observe(story, assertWanted)
        const [column, index] = columnOf(head, modulePath, subcomponent)
        const module = pass.modules[index]
        invariant(module !== undefined, `the pass lacks ${modulePath}`)
        return causalImportanceAlong(module, column, pass.ids.length)
      }),
    ablate: (address, { story, ablated, predictionCount, ...asked }) =>
      ask('ablate', address, async ({ live, memory, head }, assertWanted) => {
        for (const { modulePath, subcomponent } of ablated) columnOf(head, modulePath, subcomponent)
        const pass = await memory.observe(story, assertWanted)
        const { position, token } = choosePosition(asked.position, pass)
        const effect = await memory.ablate(story, ablated, assertWanted)
        const before = nextTokenLoss(head, pass.logits, pass.ids, position)
        const after = nextTokenLoss(head, effect.logits, pass.ids, position)
        return {
          position,
          token,
          kl: effect.kl,
          roundingKl: effect.roundingKl,
          predictions: compareNextTokens(head, pass.logits, effect.logits, position, predictionCount),
          nextTokenLoss: before === null || after === null ? null : { before, after },
          sessionMs: effect.sessionMs,
          backend: statusOf(live),
        }
      }),
    cancel: () =>
      reply(() => {
        for (const lane of LANES) queue.drop(lane)
        return null
      }),
  }
}

interface OpenModel {
  readonly head: ModelHead
  readonly live: LiveModel
  readonly memory: StoryMemory
  readonly openMs: number
}

/** Holds the model last asked for; one that could not be opened is tried anew. */
function createModelCache({ fetch, backends, now }: ModelEffects) {
  let held: { readonly key: string; readonly head: Promise<ModelHead>; open: Promise<OpenModel> | null } | null = null

  const hold = (address: ModelAddress) => {
    const { bundleUrl, backend, threads, causalImportances } = address
    const key = JSON.stringify([bundleUrl, backend, threads, causalImportances])
    if (held?.key === key) return held
    const head = fetchModelHead(bundleUrl, fetch)
    const entry = { key, head, open: null }
    head.catch(() => forget(entry))
    held = entry
    return entry
  }
  const forget = (entry: object) => {
    if (held === entry) held = null
  }
  const open = async (address: ModelAddress, head: ModelHead, onProgress: OnProgress): Promise<OpenModel> => {
    const start = now()
    assertTokenizerFits(head.tokenizer, head.manifest.target_model.vocabulary_size)
    const files = await fetchModelFiles(address.bundleUrl, head.manifest, { fetch, onProgress })
    const live = new LiveModel(head.manifest, files, backends(address), now, address.causalImportances)
    await live.open()
    return {
      head,
      live,
      memory: new StoryMemory(live, (story) => storyTokens(head, story), now),
      openMs: now() - start,
    }
  }
  return {
    head: (address: ModelAddress): Promise<ModelHead> => hold(address).head,
    open: (address: ModelAddress, onProgress: OnProgress = () => undefined): Promise<OpenModel> => {
      const entry: NonNullable<typeof held> = hold(address)
      entry.open ??= entry.head.then((head) => open(address, head, onProgress))
      entry.open.catch(() => forget(entry))
      return entry.open
    },
  }
}

/** Cutting drops what comes last, the tokenizer's end mark among it. */
function storyTokens({ tokenizer, manifest }: ModelHead, { text, isCut }: Story): StoryTokens {
  if (text.length > MAX_STORY_CHARACTERS) {
    throw new AtlasError(
      'story/too-long',
      `story: ${text.length} characters, at most ${MAX_STORY_CHARACTERS} are read`,
      { details: { foundCharacters: text.length, allowedCharacters: MAX_STORY_CHARACTERS } },
    )
  }
  const { ids, tokens } = tokenizer.encode(text)
  const length = isCut ? manifest.target_model.context_length : ids.length
  const kept = ids.slice(0, length)
  const marks = new Set(tokenizer.encode('').ids)
  const lastOwn = Math.max(
    0,
    kept.findLastIndex((id) => !marks.has(id)),
  )
  return { ids: kept, tokens: tokens.slice(0, length), lastOwn }
}

function choosePosition(asked: number | null, { ids, tokens, lastOwn }: StoryTokens) {
  const position = asked ?? lastOwn
  const token = Number.isInteger(position) ? tokens[position] : undefined
  if (token !== undefined) return { position, token }
  throw new AtlasError('address/unknown', `story: no position ${position}, expected 0 to ${ids.length - 1}`)
}

/** Column of a subcomponent in the graphs, and the index of its module; `address/unknown` where they do not hold it. */
function columnOf({ manifest }: ModelHead, modulePath: string, subcomponent: number): readonly [number, number] {
  const index = manifest.modules.findIndex(({ path }) => path === modulePath)
  const module: ManifestModule | undefined = manifest.modules[index]
  if (module === undefined || !(Number.isInteger(subcomponent) && subcomponent >= 0 && subcomponent < module.c)) {
    throw new AtlasError('address/unknown', `${modulePath}:${subcomponent}: the run has no such subcomponent`)
  }
  return [columnOfKept(readKept(module), modulePath, subcomponent), index]
}

function statusOf(live: LiveModel): BackendStatus {
  invariant(live.backend !== null, 'the model is open')
  return live.backend
}

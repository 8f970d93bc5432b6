import { ablate, leaveAlone } from '../../core/inference/buildMasks.ts'
import { formatInterventionNode, type InterventionNode } from '../../core/inference/interventionNodes.ts'
import { klDivergence } from '../../core/inference/logProbabilities.ts'
import type { Story } from '../contracts/ModelApi.ts'
import type { AssertWanted } from './LaneQueue.ts'
import type { LiveModel, StoryPass } from './LiveModel.ts'

/** A pass and the text it is of. */
export interface RememberedPass extends StoryPass {
  /** As the tokenizer writes them, one an id. */
  readonly tokens: readonly string[]
  /** Position of the last token that is the text's own, not the tokenizer's end mark; 0 where there is none. */
  readonly lastOwn: number
}

/** The masked pass of the same story. */
export interface RememberedAblation {
  /** float32[T, vocabulary] */
  readonly logits: Float32Array
  /** KL(target ‖ ablated) in nats, float32[T]. */
  readonly kl: Float32Array
  /** The same with nothing ablated, float32[T]. */
  readonly roundingKl: Float32Array
  readonly sessionMs: number
}

/** A story as the model gets it. */
export type StoryTokens = Pick<RememberedPass, 'ids' | 'tokens' | 'lastOwn'>

/** Keeps the latest story's passes: choosing a token or a subcomponent of it runs nothing. */
export class StoryMemory {
  #pass: { readonly key: string; readonly value: RememberedPass } | null = null
  #roundingKl: { readonly key: string; readonly value: Float32Array } | null = null
  #ablation: { readonly key: string; readonly value: RememberedAblation } | null = null

  constructor(
    private readonly model: LiveModel,
    private readonly encode: (story: Story) => StoryTokens,
    private readonly now: () => number,
  ) {}

  /** The pass of `story`. */
  async observe(story: Story, assertWanted: AssertWanted): Promise<RememberedPass> {
    const key = keyOf(story)
    if (this.#pass?.key === key) return this.#pass.value
    const encoded = this.encode(story)
    const value = { ...(await this.model.observe(encoded.ids, assertWanted)), ...encoded }
    this.#pass = { key, value }
    return value
  }

  /** The pass of `story` without `nodes`; the first of a story also measures what rounding alone does. */
  async ablate(
    story: Story,
    nodes: readonly InterventionNode[],
    assertWanted: AssertWanted,
  ): Promise<RememberedAblation> {
    const key = `${keyOf(story)} ${nodes.map(formatInterventionNode).join()}`
    if (this.#ablation?.key === key) return this.#ablation.value
    const { ids, logits: target } = await this.observe(story, assertWanted)
    const start = this.now()
    const logits = await this.model.intervene(ids, ablate(nodes))
    const sessionMs = this.now() - start
    assertWanted()
    const roundingKl = await this.#rounding(story, ids, target)
    const value = { logits, kl: divergences(target, logits, ids.length), roundingKl, sessionMs }
    this.#ablation = { key, value }
    return value
  }

  async #rounding(story: Story, ids: readonly number[], target: Float32Array): Promise<Float32Array> {
    const key = keyOf(story)
    if (this.#roundingKl?.key === key) return this.#roundingKl.value
    const value = divergences(target, await this.model.intervene(ids, leaveAlone), ids.length)
    this.#roundingKl = { key, value }
    return value
  }
}

const keyOf = ({ text, isCut }: Story): string => JSON.stringify([text, isCut])

const divergences = (target: Float32Array, other: Float32Array, T: number): Float32Array =>
  Float32Array.from(klDivergence(target, other, target.length / T))

import type {
  AblationEffect,
  EncodedText,
  ObservedPosition,
  ObservedStory,
  OpenedModel,
} from '../../../workers/contracts/ModelApi.ts'
import { type Request, useRequest } from '../../async/useRequest.ts'
import type { ModelClient } from '../../clients/createModelClient.ts'
import { addressOf, type LiveState } from './liveState.ts'

/** Next tokens shown; with something ablated, those likeliest before and those likeliest after. */
const PREDICTIONS = 8

/** What the model says of the story; null where nothing was asked. */
export interface LiveStory {
  readonly opened: Request<OpenedModel>
  readonly encoded: Request<EncodedText | null>
  readonly observed: Request<ObservedStory | null>
  readonly position: Request<ObservedPosition | null>
  readonly shading: Request<Float32Array | null>
  readonly effect: Request<AblationEffect | null>
  /** Asks everything that failed again. */
  readonly retry: () => void
}

/** Asks the model whatever `state` needs, again whenever it changes. */
export function useLiveStory(model: ModelClient, state: LiveState, threshold: number): LiveStory {
  const { text, isCut, position, shaded, ablated, order } = state
  const isEmpty = text.trim() === ''
  const story = { text, isCut }
  const storyKey = JSON.stringify(story)
  const predictionCount = PREDICTIONS
  const requests = {
    opened: useRequest('open', (onProgress) => model.open(onProgress)),
    encoded: useRequest(text, async () => (isEmpty ? null : model.encode(text))),
    observed: useRequest(`${threshold} ${storyKey}`, async () =>
      isEmpty ? null : model.observe({ story, threshold }),
    ),
    position: useRequest(`${threshold} ${order} ${position} ${storyKey}`, async () =>
      isEmpty ? null : model.describePosition({ story, threshold, position, order, predictionCount }),
    ),
    shading: useRequest(`${shaded === null ? '' : addressOf(shaded)} ${storyKey}`, async () =>
      isEmpty || shaded === null ? null : model.shade({ story, ...shaded }),
    ),
    effect: useRequest(`${ablated.map(addressOf).join()} ${position} ${storyKey}`, async () => {
      if (isEmpty || ablated.length === 0) return null
      const nodes = ablated.map((subcomponent) => ({ ...subcomponent, position: null }))
      return model.ablate({ story, ablated: nodes, position, predictionCount })
    }),
  }
  const retry = () => {
    for (const request of Object.values(requests)) if (request.kind === 'failed') request.retry()
  }
  return { ...requests, retry }
}

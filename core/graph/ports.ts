/** Names and shapes of what goes into and comes out of the two graphs; nobody else spells them. B stories, T positions. */

/** int64[B, T]; `observe` takes B = 1. */
export const IDS = 'ids'
/** float32[B, T, vocabulary] */
export const LOGITS = 'logits'
/** float32 scalar, shape []: δ, the share of the weight delta kept. `intervene` only. */
export const DELTA = 'delta'

/** Output of `observe`, float32[1, T, C]: h of the unmasked target model. */
export const innerActivationPort = (modulePath: string): string => `inner_activation/${modulePath}`
/** Output of `observe`, float32[1, T, C]: g. */
export const causalImportancePort = (modulePath: string): string => `causal_importance/${modulePath}`
/** Input of `intervene`, float32[B or 1, T or 1, C]: m, broadcast over stories and positions. */
export const maskPort = (modulePath: string): string => `mask/${modulePath}`

/** Names of the weights in both graphs, and so of their external data. */
export const readVectorsName = (modulePath: string): string => `V/${modulePath}`
export const writeVectorsName = (modulePath: string): string => `U/${modulePath}`
export const ciWeightName = (modulePath: string, layer: number): string => `ci_function/${modulePath}/${layer}/W`
export const ciBiasName = (modulePath: string, layer: number): string => `ci_function/${modulePath}/${layer}/b`
export const targetWeightName = (key: string): string => `target/${key}`

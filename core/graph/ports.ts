/**
 * Names and shapes of what goes into and comes out of the two graphs; nobody else spells them. B stories, T positions,
 * K subcomponents of a module that the graphs hold: all C, or those that `kept` of the manifest names, in that order. A
 * module none of whose subcomponents is kept has no ports and no weights of its own: `intervene` masks them all by δ.
 *
 * Stories of a batch are padded on the right with any token ids: attention is causal, so that what follows a story's end
 * cannot reach it, and the padding's own rows are to be left unread.
 */

/** int64[B, T] */
export const IDS = 'ids'
/** float32[B, T, vocabulary] */
export const LOGITS = 'logits'
/** float32 scalar, shape []: δ, the share of the weight delta kept. `intervene` only. */
export const DELTA = 'delta'

/** Output of `observe`, float32[B, T, K]: h of the unmasked target model. */
export const innerActivationPort = (modulePath: string): string => `inner_activation/${modulePath}`
/** Output of `observe`, float32[B, T, K]: g. */
export const causalImportancePort = (modulePath: string): string => `causal_importance/${modulePath}`
/** Input of `intervene`, float32[B or 1, T or 1, K]: m, broadcast over stories and positions. */
export const maskPort = (modulePath: string): string => `mask/${modulePath}`

/** Names of the weights in both graphs, and so of their external data. */
export const readVectorsName = (modulePath: string): string => `V/${modulePath}`
export const writeVectorsName = (modulePath: string): string => `U/${modulePath}`
export const ciWeightName = (modulePath: string, layer: number): string => `ci_function/${modulePath}/${layer}/W`
/** Part of a first layer that lies in the graph in blocks of subcomponents. */
export const ciWeightBlockName = (modulePath: string, layer: number, block: number): string =>
  `${ciWeightName(modulePath, layer)}/${block}`
export const ciBiasName = (modulePath: string, layer: number): string => `ci_function/${modulePath}/${layer}/b`
/** Scales of a weight stored in 8 bits. */
export const scaleName = (weightName: string): string => `${weightName}/scale`
export const targetWeightName = (key: string): string => `target/${key}`

import { type PytorchRecord, readPytorchRecord } from '../../../core/pytorch/readPytorchRecord.ts'
import type { ActivationContexts } from '../../../core/spd-harvest/ActivationContexts.ts'
import {
  checkpoint,
  dictionary,
  finished,
  integer,
  list,
  type Pickled,
  tensor,
  text,
} from '../pytorch/buildCheckpoint.ts'

/*
 * A harvest small enough to check by hand: N = 10 positions, three tokens, T = 4, 4, 2, and four subcomponents.
 *
 *            m          F    output mass
 *   a:0   4  1  0       5    2    2.5  0.5
 *   a:1   0  0  0       0    0    0    0
 *   b:0   0  0  2       2    0.5  1    0.5
 *   b:1   3  3  2       8    4    3    1
 *   all                      5    4    1
 *
 * Active together: a:0 with b:0 once, a:0 with b:1 four times, b:0 with b:1 twice.
 */
export const MODULES = [
  { path: 'a', C: 2 },
  { path: 'b', C: 2 },
]
export const KEYS = ['a:0', 'a:1', 'b:0', 'b:1']
export const VOCABULARY = 3

/** What token_stats.pt holds, row by row. */
export const TOKEN_STATS = {
  component_keys: KEYS,
  vocab_size: VOCABULARY,
  n_tokens: 10,
  input_counts: [
    [4, 1, 0],
    [0, 0, 0],
    [0, 0, 2],
    [3, 3, 2],
  ],
  input_totals: [4, 4, 2],
  output_counts: [
    [2, 2.5, 0.5],
    [0, 0, 0],
    [0.5, 1, 0.5],
    [4, 3, 1],
  ],
  output_totals: [5, 4, 1],
  firing_counts: [5, 0, 2, 8],
}

/** What component_correlations.pt holds. */
export const CORRELATIONS = {
  component_keys: KEYS,
  count_i: [5, 0, 2, 8],
  count_ij: [
    [5, 0, 1, 4],
    [0, 0, 0, 0],
    [1, 0, 2, 2],
    [4, 0, 2, 8],
  ],
  count_total: 10,
}

type Value = number | readonly string[] | readonly number[] | readonly (readonly number[])[]

/** A dictionary as torch.save writes it: whole numbers, lists of text, and tensors of float64. */
export async function record(values: Readonly<Record<string, Value>>): Promise<PytorchRecord> {
  const storages: Record<string, Uint8Array> = {}
  const entries = Object.entries(values).map(([key, value]): [string, Pickled] => {
    if (typeof value === 'number') return [key, integer(value)]
    const texts = value.flatMap((item) => (typeof item === 'string' ? [text(item)] : []))
    if (texts.length > 0) return [key, list(...texts)]
    const storage = String(Object.keys(storages).length)
    const numbers = value.flat().map(Number)
    storages[storage] = new Uint8Array(Float64Array.from(numbers).buffer)
    const [first] = value
    const shape = Array.isArray(first) ? [value.length, first.length] : [value.length]
    const strides = shape.length === 2 ? [shape[1] ?? 0, 1] : [1]
    return [key, tensor({ storage, storageClass: 'DoubleStorage', elementCount: numbers.length, shape, strides })]
  })
  return readPytorchRecord(await checkpoint({ pickle: finished(dictionary(...entries)), storages }))
}

/** Contexts at threshold `threshold` that give every active subcomponent mean CI 0.25 and one window on token 0. */
export function contexts(threshold = 0.01): ActivationContexts {
  const window = { tokenIds: [0], ciBytes: Uint8Array.of(128), firing: 0, causalImportance: 0.5, innerActivation: null }
  return {
    name: 'components.jsonl',
    threshold,
    wandbPath: null,
    subcomponentCount: null,
    readModule: async ({ active }) => new Map(active.map((c) => [c, { meanCi: 0.25, windows: [window] }])),
  }
}

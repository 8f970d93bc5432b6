import { describe, expect, test } from 'vitest'
import { readCutWindow, readPaddedWindow } from '../../../core/spd-harvest/readFiringWindow.ts'

const settings = { threshold: 0.01, radius: 2, vocabularySize: 10, writeNorm: 4 }

const padded = (ids: readonly number[], ci: readonly number[], acts: readonly number[] | null = null) => ({
  token_ids: ids,
  ci_values: ci,
  ...(acts === null ? {} : { component_acts: acts }),
})
const readPadded = (json: unknown, changed: Partial<typeof settings> = {}) =>
  readPaddedWindow(json, { ...settings, ...changed }, 'line 1, example 0')

const cut = (ids: readonly number[], firings: readonly number[], ci = firings.map((fires) => fires / 2)) => ({
  token_ids: ids,
  firings: firings.map((fires) => fires === 1),
  activations: { causal_importance: ci, component_activation: ids.map((id) => 10 * id) },
})
const readCut = (json: unknown) => readCutWindow(json, { ...settings, threshold: 0 }, 'q:0, example 0')

describe('a window of the layout to February 2026', () => {
  test('holds the firing in its middle', () => {
    // 1 + round(254 · 0.5) = 128; 0.01 is not above 0.01; h = 8 / ‖U‖ = 8 / 4.
    expect(readPadded(padded([5, 6, 7, 8, 9], [0, 1, 0.5, Math.fround(0.01), 2], [0, 1, 8, 1, 1]))).toEqual({
      tokenIds: [5, 6, 7, 8, 9],
      ciBytes: Uint8Array.of(0, 255, 128, 0, 255),
      firing: 2,
      causalImportance: 0.5,
      innerActivation: 2,
    })
  })

  test('is active as float32 compares', () => {
    // float32(0.1) is above 0.1, and not above the threshold as the package has it.
    const window = readPadded(padded([5, 6, 7, 8, 9], [0, Math.fround(0.1), 0.5, 0, 0]), { threshold: 0.1 })
    expect(window.ciBytes).toEqual(Uint8Array.of(0, 0, 128, 0, 0))
  })

  test('leaves the padding at the ends of a row out', () => {
    expect(readPadded(padded([-1, -1, 7, 8, 9], [0, 0, 1, 0, 1]))).toMatchObject({
      tokenIds: [7, 8, 9],
      ciBytes: Uint8Array.of(255, 0, 255),
      firing: 0,
    })
    expect(readPadded(padded([5, 6, 7, 8, -1], [0, 0, 1, 0, 0]))).toMatchObject({ tokenIds: [5, 6, 7, 8], firing: 2 })
  })

  test('has no inner activation where the harvest kept none, or where it cannot be told', () => {
    expect(readPadded(padded([5, 6, 7, 8, 9], [0, 0, 1, 0, 0])).innerActivation).toBeNull()
    const silent = readPadded(padded([5, 6, 7, 8, 9], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]), { writeNorm: 0 })
    expect(silent.innerActivation).toBeNull()
  })

  test('is kept to twenty tokens each way', () => {
    const ids = Array.from({ length: 101 }, (_, i) => i)
    const window = readPadded(
      padded(
        ids,
        ids.map(() => 1),
      ),
      { radius: 50, vocabularySize: 101 },
    )
    expect(window).toMatchObject({ tokenIds: ids.slice(30, 71), firing: 20 })
  })

  test.each([
    ['of another length', padded([5, 6, 7], [0, 1, 0]), 'has 3 tokens, expected 5'],
    [
      'with fewer causal importances',
      padded([5, 6, 7, 8, 9], [0, 1, 1]),
      'has 5 tokens and not as many causal importances and activations',
    ],
    ['that does not fire', padded([5, 6, 7, 8, 9], [1, 1, 0, 1, 1]), 'is not active in its middle'],
    ['that is padding in its middle', padded([-1, -1, -1, 8, 9], [1, 1, 1, 1, 1]), 'is not active in its middle'],
    ['that is padding alone', padded([-1, -1, -1, -1, -1], [1, 1, 1, 1, 1]), 'is not active in its middle'],
    ['with padding within', padded([5, -1, 7, 8, 9], [1, 1, 1, 1, 1]), 'holds token -1, expected ids below 10'],
    ['with a foreign token', padded([5, 6, 7, 8, 10], [1, 1, 1, 1, 1]), 'holds token 10, expected ids below 10'],
    [
      'with a negative causal importance',
      padded([5, 6, 7, 8, 9], [-1, 1, 1, 1, 1]),
      'holds a causal importance of -1, expected at least 0',
    ],
    ['without tokens', { ci_values: [] }, 'token_ids: Invalid key: Expected "token_ids" but received undefined'],
    ['that is none', 7, 'as a whole: Invalid type: Expected Object but received 7'],
  ])('is refused %s', (_, json, finding) => {
    expect(() => readPadded(json)).toThrow(
      expect.objectContaining({ code: 'format/malformed', message: `line 1, example 0: ${finding}` }),
    )
  })
})

describe('a window of the layout since February 2026', () => {
  test('holds the firing in its middle', () => {
    expect(readCut(cut([5, 6, 7, 8, 9], [1, 0, 1, 0, 0]))).toEqual({
      tokenIds: [5, 6, 7, 8, 9],
      ciBytes: Uint8Array.of(128, 0, 128, 0, 0),
      firing: 2,
      causalImportance: 0.5,
      innerActivation: 17.5, // 70 / 4
    })
  })

  test.each([
    ['cut at its start', [7, 8, 9], [1, 0, 0], 0],
    ['cut at its end', [5, 6, 7], [0, 0, 1], 2],
    ['cut where either end could be, the earlier', [5, 6, 7], [1, 0, 1], 0],
    ['of a row shorter than a window', [5, 6, 7], [0, 1, 0], 1],
    ['of one token', [5], [1], 0],
  ])('finds the firing of one %s', (_, ids, firings, firing) => {
    expect(readCut(cut(ids, firings))?.firing).toBe(firing)
  })

  test.each([
    ['that fires nowhere', cut([5, 6, 7], [0, 0, 0])],
    ['that fires too far from an end', cut([5, 6, 7, 8, 9], [1, 1, 0, 1, 1])],
    ['longer than a window', cut([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1])],
  ])('is none %s', (_, json) => {
    expect(readCut(json)).toBeNull()
  })

  test.each([
    [
      'with fewer firings',
      { ...cut([5, 6, 7], [1, 0, 0]), firings: [true, true] },
      'has 3 tokens and not as many causal importances and activations',
    ],
    [
      'without causal importances',
      { ...cut([5], [1]), activations: {} },
      'activations.causal_importance: Invalid key: Expected "causal_importance" but received undefined',
    ],
  ])('is refused %s', (_, json, finding) => {
    expect(() => readCut(json)).toThrow(
      expect.objectContaining({ code: 'format/malformed', message: `q:0, example 0: ${finding}` }),
    )
  })
})

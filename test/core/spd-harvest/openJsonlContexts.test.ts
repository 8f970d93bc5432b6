import { describe, expect, test } from 'vitest'
import { bytesByteSource } from '../../../core/bytes/bytesByteSource.ts'
import { openJsonlContexts } from '../../../core/spd-harvest/openJsonlContexts.ts'

const config = { threshold: 0.01, radius: 1, wandbPath: null }

const example = (id: number) => ({ token_ids: [0, id, 0], ci_values: [0, 1, 0] })
const line = (layer: string, c: number, examples: readonly unknown[] = [example(c)], mean_ci = c / 8) =>
  JSON.stringify({ component_key: `${layer}:${c}`, layer, component_idx: c, mean_ci, activation_examples: examples })

const GOOD = [line('a', 0), line('a', 2), line('b', 1), line('c', 0)]

/** The contexts in `lines`, and how many bytes of them have been read. */
function open(lines: readonly string[]) {
  const source = bytesByteSource(new TextEncoder().encode(`${lines.join('\n')}\n`), 'components.jsonl')
  const reads: { start: number; end: number }[] = []
  const counting = {
    ...source,
    slice: (start: number, end: number) => {
      reads.push({ start, end })
      return source.slice(start, end)
    },
  }
  const contexts = openJsonlContexts(counting, config, 10)
  const read = (path: string, C = 4) => contexts.readModule({ path, C, active: [], writeNorms: [1, 1, 1, 1] })
  return { read, reads }
}

describe('components.jsonl', () => {
  test('gives each module its subcomponents', async () => {
    const { read } = open(GOOD)
    const a = await read('a')
    expect([...a].map(([c, { meanCi, windows }]) => [c, meanCi, windows.map(({ tokenIds }) => tokenIds[1])])).toEqual([
      [0, 0, [0]],
      [2, 0.25, [2]],
    ])
    expect([...(await read('b')).keys()]).toEqual([1])
    expect([...(await read('c')).keys()]).toEqual([0])
  })

  test('gives them in any order, as often as asked', async () => {
    const { read } = open(GOOD)
    for (const [path, found] of [
      ['c', [0]],
      ['a', [0, 2]],
      ['b', [1]],
      ['a', [0, 2]],
      ['d', []],
    ] as const) {
      expect([...(await read(path)).keys()], path).toEqual(found)
    }
  })

  test('is read on from where the module before ended', async () => {
    const { read, reads } = open(GOOD)
    await read('a')
    await read('b')
    expect(reads.map(({ start }) => start)).toEqual([0, GOOD.slice(0, 2).join('\n').length + 1])
  })

  test('keeps twenty examples of many, the same ones each time', async () => {
    const examples = Array.from({ length: 100 }, (_, i) => ({ token_ids: [i % 10, 1, 0], ci_values: [0, 1, 0] }))
    const windowsOf = async () => (await open([line('a', 0, examples)]).read('a')).get(0)?.windows
    const windows = await windowsOf()
    expect(windows).toHaveLength(20)
    expect(await windowsOf()).toEqual(windows)
    // Not the first twenty, which would begin with 0, 1, 2, ...
    expect(windows?.map(({ tokenIds }) => tokenIds[0])).not.toEqual(examples.slice(0, 20).map((e) => e.token_ids[0]))
  })

  const start = GOOD.slice(0, 1).join('\n').length + 1
  test.each([
    ['a line that is not JSON', ['{"layer":'], `line at byte ${start}: not JSON`],
    ['an empty line', [''], `line at byte ${start}: not JSON`],
    [
      'a line without mean CI',
      [line('a', 1).replace('mean_ci', 'mean')],
      `line at byte ${start}: mean_ci: Invalid key: Expected "mean_ci" but received undefined`,
    ],
    ['a number beyond the module', [line('a', 4)], `line at byte ${start}: a:4, expected numbers below 4`],
    ['a subcomponent twice', [line('a', 0)], `line at byte ${start}: a:0 is there twice`],
    [
      'an example that is none',
      [line('a', 1, [7])],
      `line at byte ${start}, example 0: as a whole: Invalid type: Expected Object but received 7`,
    ],
  ])('with %s is refused', async (_, lines, finding) => {
    await expect(open([line('a', 0), ...lines]).read('a')).rejects.toMatchObject({
      code: 'format/malformed',
      message: `components.jsonl, ${finding}`,
    })
  })

  test('with a module in two pieces is refused', async () => {
    const { read } = open([line('a', 0), line('b', 0), line('a', 1), line('c', 0)])
    await read('a')
    await expect(read('c')).rejects.toMatchObject({
      code: 'format/malformed',
      message: expect.stringMatching(/^components.jsonl, line at byte \d+: a is in two pieces$/),
    })
  })
})
